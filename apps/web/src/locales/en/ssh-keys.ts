export const sshKeys = {
  title: "SSH keys",
  what: "SSH keys",
  description: "Public keys that can be put into new instances.",
  add: "Add SSH key",
  fingerprint: "Fingerprint",
  added: "Added",
  empty: {
    title: "No SSH keys yet",
    description: "Add your public key once, and log in to every new instance without a password.",
  },
  dialog: {
    description: "The public half, as it stands in <file>~/.ssh/id_ed25519.pub</file>.",
    publicKey: "Public key",
    pasteFirst: "Paste a public key first.",
    isPrivate: "This is a private key. Paste the .pub file.",
    isPrivateLong: "This is a private key: it belongs on your computer only. Paste the file that ends in .pub.",
  },
  myKey: "My key",
  kindKey: "{kind} key",
  delete: {
    description:
      "New instances can no longer be given it. Instances that already have it keep it: take it out of their authorized_keys yourself.",
    confirm: "Delete key",
  },
} as const;
