import { Nothing } from '#server/platform/core/common.contract.ts'
import { defineMutation, defineQuery } from '#server/platform/operations/index.ts'
import * as contract from './instances.contract.ts'
import * as service from './instances.service.ts'
import { provisionInstance } from './provision.service.ts'
import { examples } from './instances.examples.ts'

const read = { access: 'account', scope: 'agents:read', bucket: 'instance' } as const
/** Reaches out to the runtime, so it opens its own transactions around what it stores. */
const write = { access: 'account', scope: 'agents:write', bucket: 'instance', transaction: false } as const

export const instances = {
  provision: defineMutation({
    ...write,
    bucket: 'provision',
    name: 'instances.provision',
    summary: 'Provision an agent with channel tokens',
    description: 'Channels cannot be connected in this version, so a channel token is refused; use `autoProvision`.',
    idempotent: true,
    input: contract.ProvisionInstance,
    output: contract.ProvisionResult,
    example: examples.provision,
    run: provisionInstance,
  }),
  own: defineQuery({
    name: 'instances.own',
    summary: 'Get your runtime address and id',
    access: 'account',
    // It shows a token that opens the agent.
    scope: 'agents:write',
    bucket: 'general',
    input: Nothing,
    output: contract.OwnRuntime,
    example: examples.own,
    run: service.getOwnRuntime,
  }),
  get: defineQuery({
    ...read,
    name: 'instances.get',
    summary: 'Get the state of an instance',
    description: 'Asks the runtime itself.',
    input: contract.InstanceRef,
    output: contract.Instance,
    example: examples.get,
    run: service.getInstance,
  }),
  start: defineMutation({
    ...write,
    name: 'instances.start',
    summary: 'Start an instance',
    input: contract.InstanceRef,
    output: contract.LifecycleResult,
    example: examples.start,
    run: service.startInstance,
  }),
  stop: defineMutation({
    ...write,
    name: 'instances.stop',
    summary: 'Stop an instance',
    input: contract.InstanceRef,
    output: contract.LifecycleResult,
    example: examples.stop,
    run: service.stopInstance,
  }),
  restart: defineMutation({
    ...write,
    name: 'instances.restart',
    summary: 'Restart an instance',
    input: contract.InstanceRef,
    output: contract.RestartResult,
    example: examples.restart,
    run: service.restartInstance,
  }),
  updateImage: defineMutation({
    ...write,
    name: 'instances.updateImage',
    summary: 'Update the image of an instance',
    input: contract.UpdateInstanceImage,
    output: contract.ImageUpdateResult,
    example: examples.updateImage,
    run: service.updateInstanceImage,
  }),
  repair: defineMutation({
    ...write,
    name: 'instances.repair',
    summary: 'Repair an instance',
    input: contract.InstanceRef,
    output: contract.LifecycleMessage,
    example: examples.repair,
    run: service.repairInstance,
  }),
  resetMemory: defineMutation({
    ...write,
    name: 'instances.resetMemory',
    summary: 'Reset the memory of an instance',
    input: contract.InstanceRef,
    output: contract.LifecycleMessage,
    example: examples.resetMemory,
    run: service.resetInstanceMemory,
  }),
  token: defineQuery({
    ...read,
    scope: 'agents:write',
    name: 'instances.token',
    summary: 'Get the gateway token of an instance',
    description: 'Makes a token on first use. The token opens only this agent.',
    input: contract.InstanceRef,
    output: contract.GatewayToken,
    audit: {},
    example: examples.token,
    run: service.getInstanceToken,
  }),
  stats: defineQuery({
    ...read,
    name: 'instances.stats',
    summary: 'Get resource use of an instance',
    description: 'A fresh sample; a figure that cannot be measured is null.',
    input: contract.InstanceRef,
    output: contract.InstanceStats,
    example: examples.stats,
    run: service.getInstanceStats,
  }),
}
