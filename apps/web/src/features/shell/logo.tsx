/** The mark: a lattice of four hosts seen as one. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 24 24" className={className ?? "size-6"}>
      <rect x="1" y="1" width="22" height="22" rx="6" className="fill-accent" />
      <g fill="none" stroke="#fff" strokeWidth="1.6" strokeLinejoin="round">
        <path d="M12 5.2 18 8.6v6.8l-6 3.4-6-3.4V8.6Z" />
        <path d="M6 8.6l6 3.4 6-3.4M12 12v6.8" />
      </g>
    </svg>
  );
}
