import { AppError } from "@indium/contract/errors";
import type { HostFacts } from "@indium/contract/host";
import { enrol } from "../link/enrol";
import { type Identity, loadMembership, type Membership, saveMembership } from "../link/identity";
import type { TlsPin } from "../link/tls-pin";

export interface EnrolHostOptions {
  readonly stateDir: string;
  readonly identity: Identity;
  readonly url: string;
  readonly token: string;
  readonly pin: TlsPin | null;
  readonly centreKey: string | null;
  readonly facts: HostFacts;
}

/** @throws AppError `already_exists` for a host that belongs to a centre already; what `enrol` throws otherwise. */
export async function enrolHost(options: EnrolHostOptions): Promise<Membership> {
  const known = await loadMembership(options.stateDir);
  if (known !== null) {
    throw new AppError(
      "already_exists",
      `This host is enrolled already: it is ${known.hostId} of ${known.origin}. To enrol it anew, remove it there and then delete ${options.stateDir}/membership.json here.`,
    );
  }
  const membership = await enrol({
    origin: options.url,
    token: options.token,
    identity: options.identity,
    facts: options.facts,
    tlsPin: options.pin,
    expectedCentreKey: options.centreKey,
  });
  await saveMembership(options.stateDir, membership);
  return membership;
}
