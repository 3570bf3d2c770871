export const sshKeys = {} as const;
