import type { EN } from "../en";
import type { Translation } from "../messages";
import { account } from "./account";
import { audit } from "./audit";
import { common } from "./common";
import { console } from "./console";
import { format } from "./format";
import { hosts } from "./hosts";
import { images } from "./images";
import { instances } from "./instances";
import { instancesBulk } from "./instances-bulk";
import { instancesCreate } from "./instances-create";
import { instancesDenials } from "./instances-denials";
import { instancesDetail } from "./instances-detail";
import { instancesSettings } from "./instances-settings";
import { instancesTimeline } from "./instances-timeline";
import { invitation } from "./invitation";
import { known } from "./known";
import { live } from "./live";
import { members } from "./members";
import { metrics } from "./metrics";
import { networks } from "./networks";
import { operations } from "./operations";
import { organizations } from "./organizations";
import { overview } from "./overview";
import { palette } from "./palette";
import { securityGroups } from "./security-groups";
import { setup } from "./setup";
import { shell } from "./shell";
import { signIn } from "./sign-in";
import { sites } from "./sites";
import { sizes } from "./sizes";
import { sshKeys } from "./ssh-keys";
import { ui } from "./ui";
import { userData } from "./user-data";

export const DE: Translation<typeof EN> = {
  account,
  audit,
  common,
  console,
  format,
  hosts,
  images,
  instances,
  instancesBulk,
  instancesCreate,
  instancesDenials,
  instancesDetail,
  instancesSettings,
  instancesTimeline,
  invitation,
  known,
  live,
  members,
  metrics,
  networks,
  operations,
  organizations,
  overview,
  palette,
  securityGroups,
  setup,
  shell,
  signIn,
  sites,
  sizes,
  sshKeys,
  ui,
  userData,
};
