import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";

import { api, Problem } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { useI18n } from "../../i18n";
import { Icon, Logo } from "../../ui/Icon";
import { useProblemText } from "../../ui/parts";
import { useTitle } from "../../ui/useTitle";

export function LoginPage({ demo }: { readonly demo: boolean }) {
  const { t } = useI18n();
  useTitle(t("login.title"));
  const client = useQueryClient();
  const words = useProblemText();
  const password = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      const session = await api.post<Session>("/session", {
        username: form.get("username"),
        password: form.get("password"),
      });
      client.setQueryData(sessionQuery.queryKey, session);
      await client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    } catch (problem) {
      setError(problem);
      password.current?.select();
    } finally {
      setBusy(false);
    }
  };

  const told = ((): { title: string; detail: string } | null => {
    if (error === null) return null;
    if (error instanceof Problem) {
      if (error.code === "locked_out" || error.status === 429 || /lock/.test(error.code)) {
        return { title: t("login.locked"), detail: error.detail === "" ? t("login.locked.text") : error.detail };
      }
      if (error.status === 400 || error.status === 401 || error.status === 403) {
        return { title: t("login.refused"), detail: error.status === 403 ? error.detail : t("login.refused.text") };
      }
    }
    return words(error);
  })();

  return (
    <main className="login">
      <form className="card" onSubmit={(event) => void submit(event)}>
        <div className="row" style={{ gap: 10 }}>
          <Logo size={24} />
          <span className="semi" style={{ fontSize: 16 }}>Causeway</span>
        </div>
        <div>
          <h1>{t("login.title")}</h1>
          <p className="t2">{t("login.text")}</p>
        </div>
        {told !== null && (
          <div className="notice" role="alert">
            <Icon name="alert" />
            <div className="grow">
              <div className="med">{told.title}</div>
              {told.detail !== "" && <p className="small">{told.detail}</p>}
            </div>
          </div>
        )}
        <label>
          <span className="label">{t("login.user")}</span>
          <input className="field" name="username" autoComplete="username" autoFocus required />
        </label>
        <label>
          <span className="label">{t("login.password")}</span>
          <input className="field" name="password" type="password" autoComplete="current-password" required ref={password} />
        </label>
        <button type="submit" className="btn pri" disabled={busy}>
          {busy && <Icon name="spinner" size={14} spin />}
          {t("login.submit")}
        </button>
        {demo && <p className="small t3">{t("login.demo")}</p>}
      </form>
    </main>
  );
}
