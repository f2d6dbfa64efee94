/** One setting of a node: the control that its schema asks for, or an expression. */

import { useId, useState, type ReactNode } from "react";

import type { FlowProblem } from "../../../api/editing";
import { isList, isObj, printValue, readValue, type Path, type Value } from "../../../document/value";
import { useI18n } from "../../../i18n";
import { Icon } from "../../../ui/Icon";
import { controlOf, emptyItem, fieldOf, fieldsOf, isExpression, pathKey, problemsAt, shownText, shows, typedValue, type Control, type Field } from "./form";

export interface FieldProps {
  readonly field: Field;
  readonly path: Path;
  readonly value: Value | undefined;
  readonly problems: readonly FlowProblem[];
  readonly onChange: (path: Path, value: Value | undefined) => void;
}

interface Ids {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
}

const PLAIN: readonly Control["kind"][] = ["text", "number", "json"];

export function FieldEditor({ field, path, value, problems, onChange }: FieldProps) {
  const { t } = useI18n();
  const id = useId();
  const control = controlOf(field.schema);
  const own = problemsAt(problems, path);
  const simple = PLAIN.includes(control.kind) || control.kind === "choice" || control.kind === "yesno";
  const [wished, setWished] = useState(false);
  const asExpression = !PLAIN.includes(control.kind) && (isExpression(value) || (wished && (value === undefined || typeof value === "string")));
  const hint = [field.hint, field.fallback === "" ? "" : t("form.default", { value: field.fallback })].filter((one) => one !== "").join(" ");
  const below = own.length > 0 || hint !== "";
  const ids: Ids = { id, "aria-describedby": below ? `${id}-below` : undefined, "aria-invalid": own.length > 0 ? true : undefined };
  const set = (next: Value | undefined) => onChange(path, next);
  return (
    <div className="fe" data-path={pathKey(path)}>
      <div className="fl">
        {simple || asExpression ? <label className="label" htmlFor={id}>{field.title}</label> : <span className="label" id={`${id}-name`}>{field.title}</span>}
        {field.required && <span className="micro t3">{t("form.required")}</span>}
        <span className="grow" />
        {!PLAIN.includes(control.kind) && (
          <button
            type="button"
            className="fx"
            aria-pressed={asExpression}
            title={asExpression ? t("form.asValue") : t("form.asExpression")}
            aria-label={`fx ${field.title}: ${asExpression ? t("form.asValue") : t("form.asExpression")}`}
            onClick={() => {
              setWished(!asExpression);
              set(asExpression ? undefined : "{{  }}");
            }}
          >
            fx
          </button>
        )}
        {PLAIN.includes(control.kind) && isExpression(value) && <span className="fx on">fx</span>}
      </div>
      {asExpression ? (
        <Line ids={ids} value={value} mono long={false} placeholder="{{ trigger.… }}" onChange={(text) => set(text === "" ? undefined : text)} />
      ) : shows(control, value) ? (
        <Body control={control} field={field} path={path} value={value} problems={problems} ids={ids} onChange={onChange} />
      ) : (
        <JsonLine ids={ids} value={value} onChange={set} />
      )}
      {below && (
        <div id={`${id}-below`} className="small">
          {own.map((one, index) => (
            <p key={index} className={one.severity === "error" ? "ferr" : "fwarn"}>
              <Icon name="alert" size={12} />
              <span>{one.message} {one.fix}</span>
            </p>
          ))}
          {own.length === 0 && <span className="t3">{hint}</span>}
        </div>
      )}
    </div>
  );
}

function Line({ ids, value, mono = false, long, placeholder, onChange }: { readonly ids: Ids; readonly value: Value | undefined; readonly mono?: boolean; readonly long: boolean; readonly placeholder: string; readonly onChange: (text: string) => void }) {
  const text = shownText(value);
  const look = `field ${mono || isExpression(value) ? "mono" : ""}`;
  // A long expression is read as a whole: the line grows with it.
  if (long || text.length > 52 || text.includes("\n")) {
    const rows = Math.min(10, Math.max(long ? 3 : 2, Math.ceil(text.length / 48), text.split("\n").length));
    return <textarea {...ids} className={`${look} area`} rows={rows} spellCheck={false} placeholder={placeholder} value={text} onChange={(event) => onChange(event.target.value)} />;
  }
  return <input {...ids} className={look} type="text" autoComplete="off" spellCheck={false} placeholder={placeholder} value={text} onChange={(event) => onChange(event.target.value)} />;
}

/** Any value as JSON; what cannot be read yet stays in the field and out of the document. */
function JsonLine({ ids, value, onChange }: { readonly ids: Ids; readonly value: Value | undefined; readonly onChange: (value: Value | undefined) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? (value === undefined ? "" : printValue(value, 2));
  const bad = text !== null && text.trim() !== "" && !readValue(text).ok;
  return (
    <>
      <textarea
        {...ids}
        aria-invalid={bad ? true : ids["aria-invalid"]}
        className="field area mono"
        rows={Math.min(14, Math.max(3, shown.split("\n").length))}
        spellCheck={false}
        value={shown}
        onBlur={() => {
          if (!bad) setText(null);
        }}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          const read = readValue(next);
          if (next.trim() === "") onChange(undefined);
          else if (read.ok) onChange(read.value);
        }}
      />
      {bad && <p className="small ferr" role="alert">{t("form.noJson")}</p>}
    </>
  );
}

function Body({ control, field, path, value, problems, ids, onChange }: FieldProps & { readonly control: Control; readonly ids: Ids }): ReactNode {
  const { t } = useI18n();
  const set = (next: Value | undefined) => onChange(path, next);
  const labelled = { role: "group", "aria-labelledby": `${ids.id}-name` } as const;
  switch (control.kind) {
    case "json":
      return <JsonLine ids={ids} value={value} onChange={set} />;
    case "text":
    case "number":
      return <Line ids={ids} value={value} long={control.kind === "text" && control.long} placeholder={field.example} onChange={(text) => set(typedValue(field.schema, value, text))} />;
    case "yesno":
    case "choice": {
      const choices = control.kind === "yesno" ? ["true", "false"] : control.choices;
      const shown = shownText(value);
      return (
        <select {...ids} className="field" value={shown} onChange={(event) => set(event.target.value === "" ? undefined : control.kind === "yesno" ? event.target.value === "true" : event.target.value)}>
          <option value="">{field.fallback === "" ? "–" : t("form.default", { value: control.kind === "yesno" ? t(field.fallback === "true" ? "common.yes" : "common.no") : field.fallback })}</option>
          {!choices.includes(shown) && shown !== "" && <option value={shown}>{shown}</option>}
          {choices.map((one) => <option key={one} value={one}>{control.kind === "yesno" ? t(one === "true" ? "common.yes" : "common.no") : one}</option>)}
        </select>
      );
    }
    case "several": {
      const list = isList(value) ? value : [];
      return (
        <div {...labelled} className="fchecks">
          {control.choices.map((one) => (
            <label key={one} className="check">
              <input
                type="checkbox"
                checked={list.includes(one)}
                onChange={(event) => {
                  const next = control.choices.filter((other) => (other === one ? event.target.checked : list.includes(other)));
                  set(next.length === 0 ? undefined : next);
                }}
              />
              {one}
            </label>
          ))}
        </div>
      );
    }
    case "list":
      return <Items path={path} value={isList(value) ? value : []} item={control.item} problems={problems} label={field.title} labelled={labelled} onChange={onChange} />;
    case "object":
      return (
        <div {...labelled} className="fsub">
          {control.fields.map((one) => (
            <FieldEditor key={one.name} field={one} path={[...path, one.name]} value={isObj(value) ? value[one.name] : undefined} problems={problems} onChange={onChange} />
          ))}
        </div>
      );
    case "names":
      return <Names path={path} value={isObj(value) ? value : {}} item={control.item} problems={problems} label={field.title} labelled={labelled} onChange={onChange} />;
  }
}

interface GroupProps {
  readonly path: Path;
  readonly item: { readonly [key: string]: unknown };
  readonly problems: readonly FlowProblem[];
  readonly label: string;
  readonly labelled: { readonly role: "group"; readonly "aria-labelledby": string };
  readonly onChange: (path: Path, value: Value | undefined) => void;
}

function Items({ path, value, item, problems, label, labelled, onChange }: GroupProps & { readonly value: readonly Value[] }) {
  const { t } = useI18n();
  const fields = fieldsOf(item);
  const nested = controlOf(item).kind === "object";
  return (
    <div {...labelled} className="fitems">
      {value.map((one, index) => {
        const at = [...path, index];
        const titled = t("form.item", { number: index + 1 });
        return (
          <div key={index} className={nested ? "fitem" : "frow"} data-path={pathKey(at)}>
            {nested ? (
              <>
                <div className="fl">
                  <span className="small semi cut grow">{itemName(one, titled)}</span>
                  <Move path={path} list={value} index={index} label={titled} onChange={onChange} />
                </div>
                {isObj(one) && fields.filter((each) => each.required || one[each.name] !== undefined || problemsAt(problems, [...at, each.name], true).length > 0 || Object.keys(one).length === 0).map((each) => (
                  <FieldEditor key={each.name} field={each} path={[...at, each.name]} value={one[each.name]} problems={problems} onChange={onChange} />
                ))}
                {isObj(one) && <More fields={fields.filter((each) => !each.required && one[each.name] === undefined && Object.keys(one).length > 0)} path={at} onChange={onChange} />}
              </>
            ) : (
              <>
                <div className="grow"><FieldEditor field={{ ...fieldOf("", item, false), title: titled, hint: "" }} path={at} value={one} problems={problems} onChange={(where, next) => onChange(where, next ?? "")} /></div>
                <Move path={path} list={value} index={index} label={titled} onChange={onChange} />
              </>
            )}
          </div>
        );
      })}
      <button type="button" className="btn xs" aria-label={`${label}: ${t("form.add")}`} onClick={() => onChange([...path, value.length], emptyItem(item))}>
        <Icon name="plus" size={12} />
        {t("form.add")}
      </button>
    </div>
  );
}

function itemName(value: Value, fallback: string): string {
  if (!isObj(value)) return fallback;
  const name = ["target", "name", "port", "message"].map((one) => value[one]).find((one) => typeof one === "string" && one !== "");
  return typeof name === "string" ? name : fallback;
}

/** Settings of an item that are rarely needed, one click away. */
function More({ fields, path, onChange }: { readonly fields: readonly Field[]; readonly path: Path; readonly onChange: GroupProps["onChange"] }) {
  const { t } = useI18n();
  if (fields.length === 0) return null;
  return (
    <select
      className="field s fmore"
      aria-label={t("form.more")}
      value=""
      onChange={(event) => {
        const field = fields.find((one) => one.name === event.target.value);
        if (field !== undefined) onChange([...path, field.name], emptyItem(field.schema));
      }}
    >
      <option value="">{t("form.more")}</option>
      {fields.map((one) => <option key={one.name} value={one.name}>{one.title}</option>)}
    </select>
  );
}

function Move({ path, list, index, label, onChange }: { readonly path: Path; readonly list: readonly Value[]; readonly index: number; readonly label: string; readonly onChange: GroupProps["onChange"] }) {
  const { t } = useI18n();
  const swap = () => onChange(path, list.toSpliced(index - 1, 2, list[index] ?? null, list[index - 1] ?? null));
  return (
    <span className="row fmove">
      <button type="button" className="btn ghost xs sq" disabled={index === 0} aria-label={`${label}: ${t("form.up")}`} title={t("form.up")} onClick={swap}>
        <Icon name="arrowUp" size={12} />
      </button>
      <button type="button" className="btn ghost xs sq" aria-label={`${label}: ${t("form.remove")}`} title={t("form.remove")} onClick={() => onChange([...path, index], undefined)}>
        <Icon name="close" size={12} />
      </button>
    </span>
  );
}

/** An object whose names people choose, such as the items of a document. */
function Names({ path, value, item, problems, label, labelled, onChange }: GroupProps & { readonly value: { readonly [name: string]: Value } }) {
  const { t } = useI18n();
  const [name, setName] = useState("");
  const add = () => {
    const wanted = name.trim();
    if (wanted === "" || Object.hasOwn(value, wanted)) return;
    onChange([...path, wanted], emptyItem(item));
    setName("");
  };
  return (
    <div {...labelled} className="fitems">
      {Object.entries(value).map(([one, each]) => (
        <div key={one} className="frow" data-path={pathKey([...path, one])}>
          <div className="grow"><FieldEditor field={{ ...fieldOf(one, item, false), title: one, hint: "" }} path={[...path, one]} value={each} problems={problems} onChange={(where, next) => onChange(where, next ?? "")} /></div>
          <button type="button" className="btn ghost xs sq" aria-label={`${one}: ${t("form.remove")}`} title={t("form.remove")} onClick={() => onChange([...path, one], undefined)}>
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
      <div className="row">
        <input
          className="field s grow"
          aria-label={`${label}: ${t("form.newName")}`}
          placeholder={t("form.newName")}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") add();
          }}
        />
        <button type="button" className="btn s" disabled={name.trim() === ""} onClick={add}>{t("form.add")}</button>
      </div>
    </div>
  );
}
