import { z } from 'zod'
import { CreateApiKey, KeyScope } from '../../../../server/identity/keys/keys.contract.ts'

/** The scopes by what they are about, for the form. */
export const scopeGroups = [
  { name: 'Agents', about: 'create, start, configure', area: 'agents' },
  { name: 'Chat', about: 'messages and sessions', area: 'chat' },
  { name: 'Memory', about: 'what agents remember', area: 'memory' },
  { name: 'Account', about: 'profile', area: 'account' },
  { name: 'Members', about: 'who is in the workspace', area: 'members' },
  { name: 'Activity', about: 'who did what', area: 'audit' },
].map((group) => ({ ...group, scopes: KeyScope.options.filter((scope) => scope.startsWith(`${group.area}:`)) }))

/** The form's own view: a day and a number as they are typed. */
export const KeyValues = z
  .object({
    name: CreateApiKey.shape.name,
    reach: z.enum(['all', 'some']),
    scopes: z.array(KeyScope),
    expiresOn: z.string().refine((day) => day === '' || endOfDay(day).getTime() > Date.now(), 'expected today or a later day'),
    rateLimit: z
      .string()
      .trim()
      .refine(
        (text) => text === '' || CreateApiKey.shape.rateLimit.safeParse(Number(text)).success,
        'expected a whole number from 1 to 100000',
      ),
  })
  .refine(({ reach, scopes }) => reach === 'all' || scopes.length > 0, { path: ['scopes'], message: 'choose at least one' })
export type KeyValues = z.infer<typeof KeyValues>

export const toCommand = ({ name, reach, scopes, expiresOn, rateLimit }: KeyValues): CreateApiKey => ({
  name,
  ...(reach === 'some' ? { scopes } : {}),
  ...(expiresOn ? { expiresAt: endOfDay(expiresOn).toISOString() } : {}),
  ...(rateLimit ? { rateLimit: Number(rateLimit) } : {}),
})

/** A key that expires on a day still works on it, where its owner is. */
const endOfDay = (day: string): Date => new Date(`${day}T23:59:59.999`)
