import type { HostId, InstanceId, OrganizationId, SecurityGroupId } from "@indium/contract/ids";

/** Every address of the dashboard, in one place. Pages and links use nothing else. */
type Org = OrganizationId | string;

export const paths = {
  root: () => "/",
  setup: () => "/setup",
  signIn: () => "/sign-in",
  /** A console that somebody was given a link to. */
  share: (token: string) => `/share/${encodeURIComponent(token)}`,
  gallery: () => "/gallery",
  invite: (token: string) => `/invite/${encodeURIComponent(token)}`,

  organization: (org: Org) => `/o/${org}`,
  instances: (org: Org) => `/o/${org}/instances`,
  instancesOfSite: (org: Org, site: string) => `/o/${org}/instances?site=${site}`,
  instanceNew: (org: Org) => `/o/${org}/instances/new`,
  instance: (org: Org, instance: InstanceId | string) => `/o/${org}/instances/${instance}`,
  instanceConsole: (org: Org, instance: InstanceId | string) => `/o/${org}/instances/${instance}/console`,
  /** The same without the dashboard around it, for a window of its own. */
  instanceConsoleWindow: (org: Org, instance: InstanceId | string) => `/console/${org}/${instance}`,
  hosts: (org: Org) => `/o/${org}/hosts`,
  hostNew: (org: Org) => `/o/${org}/hosts/new`,
  host: (org: Org, host: HostId | string) => `/o/${org}/hosts/${host}`,
  images: (org: Org) => `/o/${org}/images`,
  networks: (org: Org) => `/o/${org}/networks`,
  securityGroups: (org: Org) => `/o/${org}/security-groups`,
  securityGroup: (org: Org, group: SecurityGroupId | string) => `/o/${org}/security-groups/${group}`,
  sshKeys: (org: Org) => `/o/${org}/ssh-keys`,
  sizes: (org: Org) => `/o/${org}/sizes`,
  operations: (org: Org) => `/o/${org}/operations`,
  audit: (org: Org) => `/o/${org}/audit`,
  auditExport: (org: Org) => `/api/audit/${org}`,
  settings: (org: Org) => `/o/${org}/settings`,
  settingsMembers: (org: Org) => `/o/${org}/settings/members`,
  settingsSites: (org: Org) => `/o/${org}/settings/sites`,
  settingsAccount: (org: Org) => `/o/${org}/settings/account`,
  settingsInstallation: (org: Org) => `/o/${org}/settings/installation`,
} as const;
