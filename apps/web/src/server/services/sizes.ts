import type { SizeView } from "@indium/contract/api/catalogue-views";
import { SizeId } from "@indium/contract/ids";
import type { Db } from "../db";

/** From the smallest. */
export async function listSizes(db: Db): Promise<SizeView[]> {
  const rows = await db.size.findMany({ orderBy: [{ position: "asc" }, { name: "asc" }] });
  return rows.map((row) => ({
    id: SizeId.parse(row.id),
    name: row.name,
    vcpus: row.vcpus,
    memoryBytes: Number(row.memoryBytes),
    diskBytes: Number(row.diskBytes),
  }));
}
