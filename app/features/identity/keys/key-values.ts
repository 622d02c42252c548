import { z } from 'zod'
import { type ApiKey, CreateApiKey, KeyScope, UpdateApiKey } from '../../../../server/identity/keys/keys.contract.ts'

/** The scopes by what they are about, for the form. */
export const scopeGroups = [
  { name: 'Agents', about: 'create, start, configure', area: 'agents' },
  { name: 'Chat', about: 'messages and sessions', area: 'chat' },
  { name: 'Memory', about: 'what agents remember', area: 'memory' },
  { name: 'Wallet', about: 'send within its policies', area: 'wallet' },
  { name: 'Account', about: 'profile', area: 'account' },
  { name: 'Members', about: 'who is in the workspace', area: 'members' },
  { name: 'Activity', about: 'who did what', area: 'audit' },
].map((group) => ({ ...group, scopes: KeyScope.options.filter((scope) => scope.startsWith(`${group.area}:`)) }))

const listOf = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== '')

/** The fields of both forms as they are typed: a day, a number, a list with commas. */
const limits = {
  name: CreateApiKey.shape.name,
  expiresOn: z.string().refine((day) => day === '' || endOfDay(day).getTime() > Date.now(), 'expected today or a later day'),
  rateLimit: z
    .string()
    .trim()
    .refine(
      (text) => text === '' || CreateApiKey.shape.rateLimit.safeParse(Number(text)).success,
      'expected a whole number from 1 to 100000',
    ),
  allowedAddresses: z
    .string()
    .refine(
      (text) => listOf(text).length === 0 || CreateApiKey.shape.allowedAddresses.safeParse(listOf(text)).success,
      'expected addresses or networks, such as 203.0.113.7 or 203.0.113.0/24',
    ),
  isUsedElsewhere: z.boolean(),
}

export const KeyValues = z
  .object({ ...limits, reach: z.enum(['all', 'some']), scopes: z.array(KeyScope) })
  .refine(({ reach, scopes }) => reach === 'all' || scopes.length > 0, { path: ['scopes'], message: 'choose at least one' })
export type KeyValues = z.infer<typeof KeyValues>

export const toCommand = ({ name, reach, scopes, expiresOn, rateLimit, ...values }: KeyValues): z.input<typeof CreateApiKey> => ({
  name,
  ...(reach === 'some' ? { scopes } : {}),
  ...(expiresOn ? { expiresAt: endOfDay(expiresOn).toISOString() } : {}),
  ...(rateLimit ? { rateLimit: Number(rateLimit) } : {}),
  ...addressesOf(values),
})

const addressesOf = ({ allowedAddresses, isUsedElsewhere }: Pick<KeyValues, 'allowedAddresses' | 'isUsedElsewhere'>) =>
  listOf(allowedAddresses).length > 0 ? { allowedAddresses: listOf(allowedAddresses), isUsedElsewhere } : {}

export const ChangeValues = z.object(limits)
export type ChangeValues = z.infer<typeof ChangeValues>

export const valuesOf = ({ name, expiresAt, rateLimit, allowedAddresses }: ApiKey): ChangeValues => ({
  name,
  // A day that is over would have to be changed before anything else could be.
  expiresOn: expiresAt && Date.parse(expiresAt) > Date.now() ? dayOf(expiresAt) : '',
  rateLimit: rateLimit === null ? '' : String(rateLimit),
  allowedAddresses: allowedAddresses?.join(', ') ?? '',
  isUsedElsewhere: false,
})

/** What the form changes of a key; a day that was not touched keeps its time. */
export function toChange(values: ChangeValues, before: ApiKey): Omit<z.input<typeof UpdateApiKey>, 'keyId'> {
  const shown = valuesOf(before)
  const { name, expiresOn, rateLimit, allowedAddresses } = values
  return {
    name,
    ...(expiresOn === shown.expiresOn ? {} : { expiresAt: expiresOn ? endOfDay(expiresOn).toISOString() : null }),
    rateLimit: rateLimit ? Number(rateLimit) : null,
    ...(allowedAddresses === shown.allowedAddresses ? {} : { allowedAddresses: null, ...addressesOf(values) }),
  }
}

/** A key that expires on a day still works on it, where its owner is. */
const endOfDay = (day: string): Date => new Date(`${day}T23:59:59.999`)

/** The day of a moment where the reader is, as a field for days has it. */
function dayOf(at: string): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}
