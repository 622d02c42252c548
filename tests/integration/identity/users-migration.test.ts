import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { databasesOn } from '../../../db/client.ts'
import { openInMemory } from '../../../db/embedded.ts'
import { openPostgres } from '../../../db/postgres.ts'
import { createDatabase, dropDatabase } from '../../helpers/test-database.ts'

const folder = new URL('../../../db/migrations/', import.meta.url)

interface Migration {
  up(db: never): Promise<void>
}

const load = async (file: string): Promise<Migration> => (await import(new URL(file, folder).href)) as Migration

test('people of before keep their password, sessions, keys and passkeys, in a workspace that is theirs', async () => {
  const postgres = process.env.TEST_DATABASE_URL
  const name = `agentbot_test_users_${process.pid}`
  const databases = databasesOn(postgres ? openPostgres(await createDatabase(postgres, name)) : await openInMemory())
  const { system } = databases
  try {
    const files = (await readdir(folder)).toSorted()
    const at = files.findIndex((file) => file.endsWith('-create-users.ts'))
    for (const file of files.slice(0, at)) await (await load(file)).up(system as never)
    await sql`
      insert into accounts (id, email, name, password_hash, referral_code, email_verified_at, notifications) values
        ('usr_1', 'Ada@example.org', 'Ada', 'the hash', 'ADA', '2026-01-02T03:04:05Z', '{"news": true}'),
        ('usr_2', 'ines@example.org', 'Ines', 'another hash', 'INES', null, '{}')`.execute(system)
    await sql`insert into sessions (id, account_id, expires_at) values ('of a token', 'usr_1', now() + interval '20 days')`.execute(system)
    await sql`insert into api_keys (id, account_id, name, preview, key_hash) values ('key_1', 'usr_1', 'job', 'sk_', 'of a key')`.execute(
      system,
    )
    await sql`
      insert into passkeys (id, account_id, credential_id, public_key, counter, transports, label, is_synced)
      values ('pk_1', 'usr_1', 'credential', 'public', 3, '{}', 'Phone', true)`.execute(system)
    await sql`
      insert into idempotency_keys (account_id, key, operation, input_hash, sealed_output)
      values ('usr_1', 'once', 'agents.create', 'of an input', 'sealed')`.execute(system)

    for (const file of files.slice(at)) {
      const { up } = await load(file)
      await system.transaction().execute((db) => up(db as never))
    }

    const people = await system
      .selectFrom('users')
      .innerJoin('passwords', 'passwords.userId', 'users.id')
      .innerJoin('memberships', 'memberships.userId', 'users.id')
      .select(['users.id', 'email', 'emailVerifiedAt', 'notifications', 'personalAccountId', 'hash', 'accountId', 'role'])
      .orderBy('users.id')
      .execute()
    const mine = (id: string) => ({ id, personalAccountId: id, accountId: id, role: 'owner' })
    expect(people).toEqual([
      {
        ...mine('usr_1'),
        email: 'Ada@example.org',
        emailVerifiedAt: '2026-01-02T03:04:05.000Z',
        notifications: { news: true },
        hash: 'the hash',
      },
      { ...mine('usr_2'), email: 'ines@example.org', emailVerifiedAt: null, notifications: {}, hash: 'another hash' },
    ])
    expect(await system.selectFrom('sessions').select(['id', 'userId', 'accountId', 'method']).execute()).toEqual([
      { id: 'of a token', userId: 'usr_1', accountId: null, method: 'password' },
    ])
    expect(await system.selectFrom('apiKeys').select(['id', 'accountId', 'createdBy']).execute()).toEqual([
      { id: 'key_1', accountId: 'usr_1', createdBy: 'usr_1' },
    ])
    expect(await system.selectFrom('passkeys').select(['id', 'userId', 'counter']).execute()).toEqual([
      { id: 'pk_1', userId: 'usr_1', counter: 3 },
    ])
    expect(await system.selectFrom('idempotencyKeys').select(['caller', 'key', 'sealedOutput']).execute()).toEqual([
      { caller: 'usr_1', key: 'once', sealedOutput: 'sealed' },
    ])
    expect((await system.selectFrom('accounts').select(['id', 'kind']).orderBy('id').execute()).map(({ kind }) => kind)).toEqual([
      'personal',
      'personal',
    ])
  } finally {
    await databases.close()
    if (postgres) await dropDatabase(postgres, name)
  }
})
