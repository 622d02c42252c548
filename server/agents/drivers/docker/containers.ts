import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import { RuntimeFailed, RuntimeUnreachable, type RuntimeAgent, type RuntimeRef } from '../interface/index.ts'
import { STOP_SECONDS } from '../openclaw/index.ts'
import { gatewayOptions, labelFilter, labelsOf, MADE_WITH_LABEL, nameOf, publishedPort } from './container-options.ts'
import { ask, askUnless } from './engine.ts'
import { writeConfig } from './volume.ts'

/** The gateway's container as it is now; undefined when there is none. @throws RuntimeUnreachable */
export async function inspectGateway(engine: Docker, ref: RuntimeRef): Promise<ContainerInspectInfo | undefined> {
  const [found] = await ask(engine.listContainers({ all: true, filters: { label: labelFilter(ref, 'gateway') } }))
  return found && askUnless([404], engine.getContainer(found.Id).inspect())
}

/** Address of the gateway. @throws RuntimeUnreachable when it does not run */
export async function gatewayUrl(engine: Docker, ref: RuntimeRef): Promise<string> {
  const info = await inspectGateway(engine, ref)
  const port = info?.State.Running ? publishedPort(info.NetworkSettings.Ports) : undefined
  if (port === undefined) throw new RuntimeUnreachable('The agent does not run.')
  return `http://127.0.0.1:${port}`
}

/**
 * Makes the network, the volume and the container of an agent what they have to be. A container that
 * runs is left as it is but for its configuration file, which the gateway reads again by itself.
 */
export async function prepare(engine: Docker, agent: RuntimeAgent, modelsUrl: string): Promise<void> {
  await fetchImage(engine, agent.image)
  const options = gatewayOptions(agent, modelsUrl)
  const info = await inspectGateway(engine, agent)
  const isCurrent = info?.Config.Labels[MADE_WITH_LABEL] === options.Labels?.[MADE_WITH_LABEL]
  if (info && !isCurrent && !info.State.Running) await removeContainers(engine, agent)
  if (!info || (!isCurrent && !info.State.Running)) {
    await makeNetwork(engine, agent)
    await ask(engine.createVolume({ Name: nameOf(agent), Labels: labelsOf(agent) }))
    await ask(engine.createContainer(options))
  }
  await writeConfig(engine, agent, modelsUrl)
}

async function makeNetwork(engine: Docker, agent: RuntimeRef): Promise<void> {
  const known = await ask(engine.listNetworks({ filters: { label: labelFilter(agent) } }))
  if (known.length === 0)
    await ask(engine.createNetwork({ Name: nameOf(agent), Driver: 'bridge', Labels: labelsOf(agent), CheckDuplicate: true }))
}

/** Has an image on the engine's machine. @throws RuntimeFailed when it is not there and cannot be pulled */
export async function fetchImage(engine: Docker, image: string): Promise<void> {
  if (await askUnless([404], engine.getImage(image).inspect())) return
  try {
    const progress = await ask(engine.pull(image))
    await new Promise<void>((done, fail) => engine.modem.followProgress(progress, (error) => (error ? fail(error) : done())))
  } catch (error) {
    if (error instanceof RuntimeUnreachable) throw error
    throw new RuntimeFailed(`The image "${image}" is not on this machine and cannot be pulled.`, { cause: error })
  }
}

/** Ends the gateway, by force when it takes too long. */
export async function stopGateway(engine: Docker, ref: RuntimeRef): Promise<void> {
  const info = await inspectGateway(engine, ref)
  // 304: it does not run.
  if (info) await askUnless([304, 404], engine.getContainer(info.Id).stop({ t: STOP_SECONDS }))
}

/** Removes every container of an agent, helpers that were left behind included. */
export async function removeContainers(engine: Docker, ref: RuntimeRef): Promise<void> {
  for (const { Id } of await ask(engine.listContainers({ all: true, filters: { label: labelFilter(ref) } })))
    await askUnless([404], engine.getContainer(Id).remove({ force: true }))
}

/** Removes what an agent has on the engine: containers, networks, volumes. */
export async function removeEverything(engine: Docker, ref: RuntimeRef): Promise<void> {
  await removeContainers(engine, ref)
  const filters = { label: labelFilter(ref) }
  for (const { Id } of await ask(engine.listNetworks({ filters }))) await askUnless([404], engine.getNetwork(Id).remove())
  const { Volumes } = await ask(engine.listVolumes({ filters }))
  for (const { Name } of Volumes) await askUnless([404], engine.getVolume(Name).remove())
}
