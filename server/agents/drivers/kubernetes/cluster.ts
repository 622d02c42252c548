import {
  ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  NetworkingV1Api,
  PatchStrategy,
  setHeaderOptions,
  VersionApi,
} from '@kubernetes/client-node'
import type { Env } from '#server/platform/core/index.ts'
import { RuntimeFailed, RuntimeUnreachable } from '../interface/index.ts'
import { GATEWAY_PORT } from '../openclaw/index.ts'

/** The part of a Kubernetes cluster agents live in. */
export interface Cluster {
  namespace: string
  core: CoreV1Api
  apps: AppsV1Api
  batch: BatchV1Api
  networking: NetworkingV1Api
  custom: CustomObjectsApi
  version: VersionApi
  /** Where a Service of that name is reached from this server. */
  urlOf(service: string): string
}

/** Reads how to reach the cluster; connects with each call. @throws when KUBECONFIG cannot be read */
export function connectCluster({ KUBECONFIG, KUBERNETES_NAMESPACE }: Pick<Env, 'KUBECONFIG' | 'KUBERNETES_NAMESPACE'>): Cluster {
  const config = new KubeConfig()
  if (KUBECONFIG) config.loadFromFile(KUBECONFIG)
  else config.loadFromCluster()
  return clusterOf(config, KUBERNETES_NAMESPACE, (service) => `http://${service}.${KUBERNETES_NAMESPACE}.svc:${GATEWAY_PORT}`)
}

export const clusterOf = (config: KubeConfig, namespace: string, urlOf: (service: string) => string): Cluster => ({
  namespace,
  core: config.makeApiClient(CoreV1Api),
  apps: config.makeApiClient(AppsV1Api),
  batch: config.makeApiClient(BatchV1Api),
  networking: config.makeApiClient(NetworkingV1Api),
  custom: config.makeApiClient(CustomObjectsApi),
  version: config.makeApiClient(VersionApi),
  urlOf,
})

/** Makes a PATCH change the fields that are named and no others. */
export const asMerge = setHeaderOptions('Content-Type', PatchStrategy.MergePatch)

/** @throws RuntimeUnreachable when the API server does not answer, RuntimeFailed with its reason when it refuses. */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw toFailure(error)
  }
}

/** Does a call, where an answer with one of the statuses means that there is nothing (any more) to do. */
export async function askUnless<T>(statuses: number[], answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiException && statuses.includes(error.code)) return undefined
    throw toFailure(error)
  }
}

function toFailure(error: unknown): Error {
  if (!(error instanceof ApiException) || error.code >= 500)
    return new RuntimeUnreachable('The Kubernetes API does not answer.', { cause: error })
  return new RuntimeFailed(`Kubernetes refused: ${readReason(error.body) ?? `HTTP ${error.code}`}`, { cause: error })
}

/** The message of a `Status` object, which comes as text where the client did not expect it. */
function readReason(body: unknown): string | undefined {
  try {
    const status = (typeof body === 'string' ? JSON.parse(body) : body) as { message?: string } | null
    return status?.message
  } catch {
    return undefined
  }
}
