/** The server's validator, asked as soon as the edits pause. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { useMemo } from "react";

import { api } from "../../../api/client";
import type { FlowProblem } from "../../../api/editing";
import { valueOfDoc, type Doc } from "../../../document/model";
import { printValue } from "../../../document/value";
import { useSettled } from "../../../ui/useSettled";
import { atField } from "./form";

const QUIET_MS = 350;
const NONE: readonly FlowProblem[] = [];

export function useProblems(doc: Doc | undefined): { readonly problems: readonly FlowProblem[]; readonly asked: boolean } {
  const settled = useSettled(doc, QUIET_MS);
  const text = settled === undefined ? "" : printValue(valueOfDoc(settled));
  const { data, isPlaceholderData } = useQuery({
    queryKey: ["check", text],
    queryFn: ({ signal }) => api.postText<{ readonly problems: readonly FlowProblem[] }>("/flows/check", `{"document":${text}}`, signal),
    enabled: text !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 30_000,
  });
  const problems = useMemo(() => data?.problems.map(atField) ?? NONE, [data]);
  return { problems, asked: data !== undefined && !isPlaceholderData && settled === doc };
}
