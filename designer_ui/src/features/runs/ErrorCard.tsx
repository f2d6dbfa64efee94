import type { FarSideError, FlowDocument } from "../../api/types";
import { useI18n } from "../../i18n";
import { useCatalog } from "../../canvas/looks";
import type { IconName } from "../../ui/Icon";
import { Pill, type Tone } from "../../ui/parts";

const HAPPENED: { readonly [answer: string]: readonly [Tone, IconName] } = {
  no: ["ok", "check"],
  read: ["ok", "check"],
  yes: ["warn", "info"],
  unknown: ["warn", "help"],
};

/** What happened, did it happen there, and what to do about it. */
export function ErrorCard({ error, document }: { readonly error: FarSideError; readonly document: FlowDocument }) {
  const { t, maybe } = useI18n();
  const node = document.nodes.find((one) => one.id === error.node);
  const where = node?.name;
  const catalog = useCatalog();
  const reads = catalog?.node_types.find((one) => one.type === node?.type)?.effect === "read";
  // Whatever a read did not hear, it changed nothing.
  const happened = error.happened === "unknown" && reads ? "read" : error.happened;
  const [tone, icon] = HAPPENED[happened ?? ""] ?? ["idle", "help"];
  const detail = error.detail;
  const hasDetail = detail !== undefined && detail !== null && (typeof detail !== "object" || Object.keys(detail).length > 0);
  return (
    <section className="errcard" role="alert" aria-label={t("error.what")}>
      <div className="row">
        <Pill tone="err" icon="alert">{maybe(`error.${error.class}`) ?? error.class}</Pill>
        {where !== undefined && <span className="small t2 cut">{where}</span>}
      </div>
      <h3 className="label">{t("error.what")}</h3>
      <p className="wrap">{error.message}</p>
      {happened !== undefined && (
        <>
          <h3 className="label">{t("error.happened")}</h3>
          <p><Pill tone={tone} icon={icon}>{t(`error.happened.${happened}`)}</Pill></p>
        </>
      )}
      {error.fix !== undefined && error.fix !== "" && (
        <>
          <h3 className="label">{t("error.fix")}</h3>
          <p className="wrap">{error.fix}</p>
        </>
      )}
      {hasDetail && (
        <details>
          <summary className="small">{t("error.detail")}</summary>
          <pre className="jsonview">{JSON.stringify(detail, null, 2)}</pre>
        </details>
      )}
    </section>
  );
}
