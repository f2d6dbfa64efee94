/** Small drawings of what the imitated shop sells. */

const LINE = { stroke: "var(--text-3)", strokeWidth: 1.5, strokeLinejoin: "round", strokeLinecap: "round" } as const;
const FILL = "var(--surface-1)";

function Drawing({ kind }: { readonly kind: string }) {
  switch (kind) {
    case "t-shirt":
      return (
        <>
          <path d="M22 6 8 13l5 12 6-2.500V50h26V22.500l6 2.500 5-12-14-7c-2 4-5 6-10 6S24 10 22 6z" fill={FILL} {...LINE} />
          <path d="M25 33c5-6 9-6 14-2-3 0-4 1-5 3s-4 2-9-1z" fill="var(--presta-solid)" />
        </>
      );
    case "sweater":
      return (
        <>
          <path d="M23 6 9 12 5 42l7 2 6-20v27h28V24l6 20 7-2-4-30-14-6c-2 4-5 5-9 5s-7-1-9-5z" fill={FILL} {...LINE} />
          <path d="M18 46h28M23 30l9-8 9 8-9 8z" fill="none" stroke="var(--notes-solid)" strokeWidth="2" strokeLinejoin="round" />
        </>
      );
    case "mug":
      return (
        <>
          <path d="M14 12h28v30a6 6 0 0 1-6 6H20a6 6 0 0 1-6-6z" fill={FILL} {...LINE} />
          <path d="M42 18h5a6 6 0 0 1 6 6v4a6 6 0 0 1-6 6h-5" fill="none" {...LINE} />
          <path d="M20 24h16M20 30h11" stroke="var(--data-solid)" strokeWidth="2.500" strokeLinecap="round" />
        </>
      );
    case "cushion":
      return (
        <>
          <rect x="10" y="8" width="44" height="42" rx="10" fill={FILL} {...LINE} />
          <circle cx="32" cy="30" r="10" fill="var(--notes-solid)" />
          <circle cx="24" cy="21" r="4" fill="var(--notes-solid)" />
          <circle cx="40" cy="21" r="4" fill="var(--notes-solid)" />
          <circle cx="29" cy="29" r="1.300" fill={FILL} />
          <circle cx="35" cy="29" r="1.300" fill={FILL} />
        </>
      );
    case "poster":
      return (
        <>
          <rect x="14" y="5" width="36" height="46" rx="2" fill={FILL} {...LINE} />
          <path d="M19 40l8-12 6 8 5-7 7 11z" fill="var(--ok-solid)" />
          <circle cx="39" cy="17" r="4" fill="var(--warn-solid)" />
        </>
      );
    case "vector":
      return (
        <>
          <rect x="10" y="9" width="44" height="38" rx="3" fill={FILL} {...LINE} />
          <path d="M17 38C24 14 40 42 47 18" fill="none" stroke="var(--presta-solid)" strokeWidth="2" strokeLinecap="round" />
          <rect x="15" y="36" width="4" height="4" fill="var(--data-solid)" />
          <rect x="45" y="16" width="4" height="4" fill="var(--data-solid)" />
        </>
      );
    case "notebook":
      return (
        <>
          <rect x="15" y="5" width="34" height="46" rx="4" fill={FILL} {...LINE} />
          <path d="M23 5v46" {...LINE} />
          <path d="M29 18h13M29 25h9" stroke="var(--data-solid)" strokeWidth="2.500" strokeLinecap="round" />
        </>
      );
    default:
      return (
        <>
          <path d="M32 7 54 17v23L32 50 10 40V17z" fill={FILL} {...LINE} />
          <path d="M10 17l22 10 22-10M32 27v23" fill="none" {...LINE} />
        </>
      );
  }
}

export function Picture({ kind }: { readonly kind: string }) {
  return (
    <svg width="64" height="56" viewBox="0 0 64 56" aria-hidden="true" focusable="false">
      <Drawing kind={kind} />
    </svg>
  );
}
