import { useEffect } from "react";

/** The tab's title: what this is first, where it belongs after it. */
export function useTitle(...parts: readonly string[]): void {
  const title = [...parts.filter((one) => one !== ""), "Causeway"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
