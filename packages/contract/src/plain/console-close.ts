/** Websocket close codes of a console (4000–4999 are the application's, RFC 6455 7.4.2). The reason text says more. */
export const CONSOLE_CLOSE = {
  /** Not running now; the page waits and opens a new ticket when it runs again. */
  vmNotRunning: 4001,
  ticketRefused: 4002,
  hostUnreachable: 4003,
  endedByAdministrator: 4004,
  vmEnded: 4005,
  /** Somebody else controls the instance now; one may watch. */
  controlPassed: 4006,
  /** The link it was opened by has expired or was taken back. */
  shareEnded: 4007,
} as const;
