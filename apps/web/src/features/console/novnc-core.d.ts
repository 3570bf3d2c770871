/// <reference types="novnc__novnc" />
// `novnc-core` is an alias of the maintained @novnc/novnc; its types come under that name.
declare module "novnc-core" {
  import RFB from "@novnc/novnc/lib/rfb";
  export default RFB;
}
