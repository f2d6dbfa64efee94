/** Finding an operation by what people type. Pure. */

import { connectorName } from "../../../canvas/looks";
import type { Catalog, NodeType } from "../../../api/types";

/** What people say, in the languages of the screens, for what the catalogue calls otherwise. */
const SAID: { readonly [type: string]: string } = {
  "flow.branch": "if wenn else condition bedingung decide entscheiden yes no ja nein verzweigung",
  "flow.switch": "case cases fall faelle router choose auswahl several ways",
  "flow.filter": "only nur skip stop unless ueberspringen",
  "flow.parallel": "fork at once gleichzeitig both beide",
  "flow.join": "merge wait all zusammen vereinen",
  "flow.for_each": "loop repeat iterate lines schleife jede zeile wiederholen",
  "flow.delay": "wait pause sleep later warten spaeter",
  "flow.wait_for_event": "wait until answer warten auf ereignis",
  "flow.approval": "ask person human decide confirm fragen genehmigung freigabe mensch",
  "flow.call": "subflow sub flow call teil aufruf unterfluss",
  "flow.respond": "answer reply http antwort",
  "flow.stop": "end finish fail ende stopp abbrechen",
  "flow.schedule": "cron every day timer time zeitplan taeglich stuendlich",
  "flow.manual": "by hand start button von hand manuell",
  "flow.failed": "on error alert alarm fehler",
  "data.map": "mapping transform convert fields set zuordnen umwandeln felder",
  "data.validate": "check schema rules pruefen gueltig",
  "data.rules": "check decide table regeln pruefen",
  "data.group": "group by sort gruppieren buendeln",
  "data.batch": "chunks split packets pakete stapel",
  "http.request": "rest api call web webhook aufruf schnittstelle",
};

export function bare(text: string): string {
  return text
    .toLowerCase()
    .replaceAll("ä", "ae")
    .replaceAll("ö", "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, " ")
    .trim();
}

/** How well a word that was typed fits one that is there: 0 not at all, more is better. */
export function fit(typed: string, word: string): number {
  if (word === typed) return 10;
  if (word.startsWith(typed)) return 7;
  if (typed.length >= 3 && word.includes(typed)) return 4;
  if (typed.length >= 4 && slips(typed, word.slice(0, typed.length + 1)) <= 1) return 2;
  return 0;
}

/** Letters to change, add, take away or swap with the next one; counted up to 2. */
function slips(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 1) return 2;
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const [a, b] = [left.slice(at), right.slice(at)];
  if (a === "" && b.length <= 1) return b.length;
  const tails = [
    [a.slice(1), b.slice(1)],
    [a, b.slice(1)],
    [a.slice(1), b],
    a[0] === b[1] && a[1] === b[0] ? [a.slice(2), b.slice(2)] : ["x", ""],
  ] as const;
  // A word that goes on behind what was typed is no slip.
  return tails.some(([one, other]) => one === other || (one !== "" && other.startsWith(one))) ? 1 : 2;
}

export function score(one: NodeType, query: string, catalog?: Catalog): number {
  const typed = bare(query).split(" ").filter((word) => word !== "");
  if (typed.length === 0) return 1;
  const connector = typeof one.connector === "string" ? connectorName(one.connector, catalog) : "";
  const fields: readonly (readonly [number, string])[] = [
    [5, one.title],
    [2, one.type.split("@", 1)[0] ?? ""],
    [3, SAID[one.type.split("@", 1)[0] ?? ""] ?? ""],
    [2, connector],
    [1, one.summary],
  ];
  let total = 0;
  for (const word of typed) {
    const best = Math.max(...fields.map(([weight, text]) => weight * Math.max(0, ...bare(text).split(" ").map((other) => fit(word, other)))));
    // Small words of a sentence ("when an order is…") need not be found.
    if (best === 0 && (word.length > 3 || typed.length === 1)) return 0;
    total += best;
  }
  return bare(one.title).startsWith(bare(query)) ? total + 30 : total;
}

/** What a node can be put in front of, behind or between. */
export type Place = "start" | "after" | "between";

export function fits(one: NodeType, place: Place): boolean {
  if (place === "start") return true;
  if (one.kind === "trigger") return false;
  // What has no port behind it cannot stand between two nodes.
  return place === "after" || one.ports.length > 0;
}

export function found(catalog: Catalog, query: string, place: Place, used: ReadonlySet<string>): readonly NodeType[] {
  const newest = newestOnly(catalog.node_types);
  const scored = newest
    .filter((one) => fits(one, place))
    .map((one) => ({ one, score: score(one, query, catalog) + (typeof one.connector === "string" && used.has(one.connector) ? 0.5 : 0) }))
    .filter((each) => each.score >= 1);
  return scored.sort((a, b) => b.score - a.score).map(({ one }) => one);
}

/** Of each operation its newest version: older ones are for flows that have them. */
function newestOnly(types: readonly NodeType[]): readonly NodeType[] {
  const newest = new Map<string, NodeType>();
  const version = (one: NodeType): number => Number(one.type.split("@")[1] ?? 0);
  for (const one of types) {
    const name = one.type.split("@", 1)[0] ?? one.type;
    const known = newest.get(name);
    if (known === undefined || version(one) > version(known)) newest.set(name, one);
  }
  return [...newest.values()];
}
