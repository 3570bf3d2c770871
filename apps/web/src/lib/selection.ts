/** Which rows of a list are chosen, and the last one chosen, from which Shift chooses everything to the next. */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly anchor: string | null;
}
export const NOTHING_SELECTED: Selection = { ids: new Set(), anchor: null };

/** `order`: the rows' ids as they stand. With `range`, all from the anchor to this one become what this one becomes. */
export function toggle(selection: Selection, id: string, range: boolean, order: readonly string[]): Selection {
  const choose = !selection.ids.has(id);
  const from = range && selection.anchor !== null ? order.indexOf(selection.anchor) : -1;
  const to = order.indexOf(id);
  const touched = from < 0 || to < 0 ? [id] : order.slice(Math.min(from, to), Math.max(from, to) + 1);
  const ids = new Set(selection.ids);
  for (const each of touched)
    if (choose) ids.add(each);
    else ids.delete(each);
  return { ids, anchor: id };
}

/** What is no longer in the list is no longer chosen: an action must never reach what nobody sees. */
export function within(selection: Selection, order: readonly string[]): Selection {
  const ids = new Set(order.filter((id) => selection.ids.has(id)));
  return ids.size === selection.ids.size ? selection : { ...selection, ids };
}
