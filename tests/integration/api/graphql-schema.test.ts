import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isNullableType,
  isObjectType,
  type GraphQLField,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { schema } from '../../../schema/index.ts'

const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
const fieldsOf = (name: string): GraphQLField<unknown, unknown>[] => {
  const type = schema.getType(name)
  return isObjectType(type) ? Object.values(type.getFields()) : []
}
const rootFields = [...fieldsOf('Query'), ...fieldsOf('Mutation')]

/** Everything a reader of the schema can point at, with what is said of it. */
function everything(): { name: string; description: string | null | undefined }[] {
  return types.flatMap((type) => {
    const own = { name: type.name, description: type.description }
    if (isEnumType(type)) return [own, ...type.getValues().map(({ name, description }) => ({ name: `${type.name}.${name}`, description }))]
    if (isInputObjectType(type))
      return [own, ...Object.values(type.getFields()).map(({ name, description }) => ({ name: `${type.name}.${name}`, description }))]
    if (!isObjectType(type) && !isInterfaceType(type)) return [own]
    const fields = Object.values(type.getFields()).flatMap((field) => {
      const name = `${type.name}.${field.name}`
      return [
        { name, description: field.description },
        ...field.args.map((arg) => ({ name: `${name}(${arg.name})`, description: arg.description })),
      ]
    })
    return [own, ...fields]
  })
}

describe('the schema', () => {
  test('describes every type, field, argument and value', () => {
    const all = everything()
    expect(all.length).toBeGreaterThan(1000)
    expect(all.filter(({ description }) => !description?.trim()).map(({ name }) => name)).toEqual([])
  })

  test('lets each field of a query or mutation fail for itself', () => {
    expect(rootFields.length).toBeGreaterThan(100)
    expect(rootFields.filter(({ type }) => !isNullableType(type)).map(({ name }) => name)).toEqual([])
  })

  test('takes JSON only where the contract takes any keys', () => {
    const free = rootFields.flatMap(({ name, args }) =>
      args.filter(({ type }) => getNamedType(type).name === 'JSON').map((arg) => `${name}.${arg.name}`),
    )
    expect(free.toSorted()).toEqual([
      // What is not named is handed on to the provider.
      'chatCompletion.messages',
      'chatCompletion.response_format',
      'chatCompletion.tool_choice',
      'chatCompletion.tools',
      'createAgent.config',
      'createCronJob.payload',
      'patchProfile.notifications',
      'provisionAgent.config',
      'registerPasskey.credential',
      'routeGatewayRequest.fields',
      // What the credentials API of a browser answers.
      'signInWithPasskey.response',
      'storeMemory.values',
      'updateAgent.config',
      'updateAgentConfig.config',
      'verifyAgent.metadata',
    ])
  })

  test('has plain lists at its root only where what is listed does not grow', () => {
    const lists = rootFields.filter(({ type }) => isListType(isNonNullType(type) ? type.ofType : type)).map(({ name }) => name)
    expect(lists.toSorted()).toEqual([
      // The last ten versions.
      'agentConfigVersions',
      // What is installed.
      'agentSkills',
      // Each person can make ten.
      'allApiKeys',
      // Windows of one budget, of the last 400 days.
      'budgetHistory',
      // One for each limit there can be of what there is.
      'budgets',
      // Reports: sums over at most a year, of which there is one for each day, model or tool.
      'dailyUsage',
      // Those of a day, of which there are three at most.
      'exportsList',
      'gatewayPlugins',
      // Twenty at most.
      'identities',
      // What this server is set up for.
      'oauthProviders',
      // One for each provider there is.
      'providerKeys',
      // The last ten messages.
      'recentMessages',
      // The last ones.
      'subscriptionsInvoices',
      // Those that run: a plan and room for files.
      'subscriptionsList',
      'toolUsage',
      'usageByAgent',
      'usageByModel',
      'usageSummary',
      // One for each agent, and one for all.
      'walletPolicies',
      // Of a week; a person owns a hundred at most.
      'workspacesListDeleted',
    ])
  })

  test('counts the entries of every connection and pages through them by cursor', () => {
    const connections = types.filter(({ name }) => name.endsWith('Connection'))
    expect(connections.length).toBeGreaterThan(8)
    for (const { name } of connections)
      expect(fieldsOf(name).map((field) => `${field.name}: ${String(field.type)}`)).toEqual([
        `edges: [${name.replace(/Connection$/, 'Edge')}!]!`,
        'pageInfo: PageInfo!',
        'totalCount: Int!',
      ])
    const paged = types.flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()) : [])).filter(isConnection)
    for (const { args } of paged) expect(args.map(({ name }) => name)).toEqual(expect.arrayContaining(['first', 'after']))
  })
})

const isConnection = ({ type }: GraphQLField<unknown, unknown>): boolean => getNamedType(type).name.endsWith('Connection')
