import { SshKeysPage } from "@/features/ssh-keys/ssh-keys-page";

export default function Page() {
  return <SshKeysPage />;
}
