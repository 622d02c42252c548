import { sql } from 'kysely'
import type { Databases } from './client.ts'
import { APP_ROLE, UnsuitableDatabase } from './engine.ts'

interface Findings {
  role: string
  mayBypass: boolean
  owned: string[]
  open: string[]
  seesAccounts: boolean
}

/**
 * Makes sure that the connections that serve accounts are under row-level security: they have the application's role,
 * which may not bypass it and owns no table, it is in force for them on every table that has it, and they see no
 * account unless one is set.
 *
 * @throws UnsuitableDatabase naming what is wrong.
 */
export async function checkIsolation(databases: Databases): Promise<void> {
  const { rows } = await sql<Findings>`
    select current_user as role,
      (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as "mayBypass",
      array(select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and pg_has_role(current_user, relowner, 'usage')) as owned,
      array(select relname::text from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity
        and not row_security_active(oid)) as open,
      exists(select from accounts) as "seesAccounts"`.execute(databases.forAccount(null))
  const { role, mayBypass, owned, open, seesAccounts } = rows[0]!
  const problems = [
    role !== APP_ROLE && `they have the role ${role}, not ${APP_ROLE}`,
    mayBypass && `the role ${role} is a superuser or has BYPASSRLS`,
    owned.length > 0 && `the role ${role} owns ${owned.join(', ')}`,
    open.length > 0 && `row-level security is not in force on ${open.join(', ')}`,
    seesAccounts && 'they see accounts without having one',
  ].filter((problem) => problem !== false)
  if (problems.length > 0)
    throw new UnsuitableDatabase(`The connections that serve accounts are not kept to one account each: ${problems.join('; ')}.`)
}
