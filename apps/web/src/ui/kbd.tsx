/** Keys to press, one after the other. */
export function Kbd({ keys }: { keys: readonly string[] }) {
  return (
    <span className="inline-flex shrink-0 gap-1">
      {keys.map((key) => (
        <kbd
          key={key}
          className="inline-flex h-5 min-w-5 items-center justify-center rounded border border-line bg-surface px-1 font-sans text-ink-2 text-xs"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
