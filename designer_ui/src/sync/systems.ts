/** Far sides by the systems that records name: their connection, its look and its name. */

import { useQuery } from "@tanstack/react-query";

import { connectionsQuery } from "../api/queries";
import { connectorLooks, type Looks } from "../canvas/looks";
import { useHere } from "../session/session";

export interface SystemLook extends Looks {
  readonly name: string;
}

/** The look of a system in this environment; one without a connection goes by its own name. */
export function useSystems(): (system: string) => SystemLook {
  const { environment } = useHere();
  const { data } = useQuery(connectionsQuery(environment.slug));
  return (system) => {
    const found = data?.find((one) => one.system === system && system !== "");
    return { ...connectorLooks(found?.connector), name: found?.name ?? system };
  };
}
