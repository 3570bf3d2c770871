import { createRouter } from "../trpc";
import { deleteInstance, forceStop, pause, reboot, reprovision, reset, resume, start, stop } from "./act";
import { actMany } from "./act-many";
import { checkUserData } from "./check-user-data";
import { create } from "./create";
import { disks } from "./disks";
import { filterOptions } from "./filter-options";
import { get } from "./get";
import { lastScreen } from "./last-screen";
import { list } from "./list";
import { rebuild, resize } from "./machine";
import { nicCounters } from "./nic-counters";
import { openConsole } from "./open-console";
import { previewPlacement } from "./preview-placement";
import { serialTail } from "./serial-tail";
import { setSecurityGroups } from "./set-security-groups";
import { discardSecrets, replaceSecrets, update } from "./settings";

export const instanceRouter = createRouter({
  list,
  filterOptions,
  get,
  disks,
  create,
  checkUserData,
  previewPlacement,
  actMany,
  start,
  stop,
  forceStop,
  reboot,
  reset,
  pause,
  resume,
  reprovision,
  resize,
  rebuild,
  update,
  replaceSecrets,
  discardSecrets,
  delete: deleteInstance,
  openConsole,
  serialTail,
  lastScreen,
  nicCounters,
  setSecurityGroups,
});
