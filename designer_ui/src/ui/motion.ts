/** How long a movement may take: not at all for those who asked their system for stillness. */
export function calm(ms: number): number {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : ms;
}
