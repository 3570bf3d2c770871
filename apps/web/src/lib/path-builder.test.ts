import { expect, test } from "vitest";
import { paths } from "./path-builder";

test("every address of the dashboard is where it was", () => {
  const org = "org-0123456789abcdef0";
  const all = {
    root: paths.root(),
    setup: paths.setup(),
    signIn: paths.signIn(),
    invite: paths.invite("a/b"),
    organization: paths.organization(org),
    instances: paths.instances(org),
    instanceNew: paths.instanceNew(org),
    instance: paths.instance(org, "i-1"),
    instanceConsole: paths.instanceConsole(org, "i-1"),
    instanceConsoleWindow: paths.instanceConsoleWindow(org, "i-1"),
    hosts: paths.hosts(org),
    hostNew: paths.hostNew(org),
    host: paths.host(org, "h-1"),
    images: paths.images(org),
    networks: paths.networks(org),
    sshKeys: paths.sshKeys(org),
    operations: paths.operations(org),
    settings: paths.settings(org),
    settingsMembers: paths.settingsMembers(org),
    settingsSites: paths.settingsSites(org),
    settingsAccount: paths.settingsAccount(org),
    settingsInstallation: paths.settingsInstallation(org),
  };
  expect(all).toEqual({
    root: "/",
    setup: "/setup",
    signIn: "/sign-in",
    invite: "/invite/a%2Fb",
    organization: "/o/org-0123456789abcdef0",
    instances: "/o/org-0123456789abcdef0/instances",
    instanceNew: "/o/org-0123456789abcdef0/instances/new",
    instance: "/o/org-0123456789abcdef0/instances/i-1",
    instanceConsole: "/o/org-0123456789abcdef0/instances/i-1/console",
    instanceConsoleWindow: "/console/org-0123456789abcdef0/i-1",
    hosts: "/o/org-0123456789abcdef0/hosts",
    hostNew: "/o/org-0123456789abcdef0/hosts/new",
    host: "/o/org-0123456789abcdef0/hosts/h-1",
    images: "/o/org-0123456789abcdef0/images",
    networks: "/o/org-0123456789abcdef0/networks",
    sshKeys: "/o/org-0123456789abcdef0/ssh-keys",
    operations: "/o/org-0123456789abcdef0/operations",
    settings: "/o/org-0123456789abcdef0/settings",
    settingsMembers: "/o/org-0123456789abcdef0/settings/members",
    settingsSites: "/o/org-0123456789abcdef0/settings/sites",
    settingsAccount: "/o/org-0123456789abcdef0/settings/account",
    settingsInstallation: "/o/org-0123456789abcdef0/settings/installation",
  });
});
