import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { MetadataDialect } from "@indium/contract/metadata-dialect";
import { expect, it } from "vitest";
import { assignedNic, guestDocument, natNetwork } from "../network/testing/lab";
import { render } from "./render";
import { withinGate } from "./secret-gate";
import { createMetadataService } from "./service";
import type { GuestDocument } from "./types";

const network = natNetwork();
const nic = assignedNic(network, 10);
const SECRETS = { passwordHash: "$6$salt$the-hash", userData: "#!/bin/sh\n# the user's data\n" };
const LIMIT = 1_000;

function inDialect(dialect: MetadataDialect): GuestDocument {
  const document = guestDocument([nic], [network], "alpha", SECRETS);
  return { ...document, instance: { ...document.instance, dialect, guestAgent: "cloud-init" }, secretsUntil: LIMIT };
}

/** What lies in base64 within a MIME message. */
const decoded = (body: string): string =>
  [...body.matchAll(/(?:^[A-Za-z0-9+/=]{8,76}$\n?)+/gm)].map(([block]) => Buffer.from(block, "base64").toString("utf8")).join("\n");

/** Everything that listings and the sources' known files lead to. */
function crawl(document: GuestDocument): string {
  const bodies: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path) || path.split("/").length > 8) return;
    seen.add(path);
    const body = render(document, path)?.body;
    if (body === undefined) return;
    bodies.push(body, decoded(body));
    if (body.length > 2_000 || /[{#]/.test(body)) return;
    for (const entry of body.split("\n")) visit(`${path === "/" ? "" : path}/${entry.replace(/=.*$/, "").replace(/\/$/, "")}`);
  };
  visit("/");
  const known = ["/nocloud/user-data", "/nocloud/vendor-data", "/metadata/v1.json", "/metadata/v1", "/openstack/latest/password"];
  for (const path of known) visit(path);
  return bodies.join("\n");
}

it.each(MetadataDialect.options)("holds every secret back from %s once the limit has come, and from no moment before", (dialect) => {
  const before = crawl(withinGate(inDialect(dialect), LIMIT - 1));
  // Without this the rest would prove nothing: the crawl finds both.
  expect(before).toContain("the-hash");
  expect(before).toContain("the user's data");
  const after = crawl(withinGate(inDialect(dialect), LIMIT));
  expect(after).not.toContain("$6$");
  expect(after).not.toContain("the user's data");
  expect(after).toContain("alpha");
});

it("stands in front of what is asked for over HTTP", async () => {
  let now = LIMIT - 1;
  const service = createMetadataService({ log: () => {}, now: () => now });
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const document = inDialect("openstack");
  service.setDocument(document);
  service.attach(nic.id, document.instance.id, { http: [server], dhcp: null });
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } })).status;
  const paths = ["/openstack/latest/user_data", "/latest/user-data", "/openstack/latest/meta_data.json", "/openstack/latest/password"];
  const all = () => Promise.all(paths.map(ask));
  expect(await all()).toEqual([200, 200, 200, 404]);
  now = LIMIT;
  expect(await all()).toEqual([404, 404, 200, 404]);
  // Live: the next request is answered from the newest document, with nothing kept of the last.
  service.setDocument({ ...document, instance: { ...document.instance, metadata: { ...document.instance.metadata, hostname: "beta" } } });
  expect(await (await fetch(`http://127.0.0.1:${port}/latest/meta-data/hostname`)).text()).toBe("beta");
  await service.detach(nic.id);
});
