import type { Db } from '#db/client.ts'
import { saveSecretValueIfAbsent, replaceSealedValue } from './secret-check.queries.ts'
import { createSecrets, type Secrets } from '../core/index.ts'
import type { SealedColumn } from '../rotation/index.ts'
import { StartRefused } from './start-refused.ts'

const PURPOSE = 'secret check'

export const sealedCheck: SealedColumn = { table: 'secret_check', column: 'sealed_value', purpose: () => PURPOSE }

/**
 * Makes sure that this server can open what the servers of the database sealed: the first one leaves a sealed value,
 * and every other one has to open it, with its secret or with an earlier one.
 *
 * @throws StartRefused when it cannot.
 */
export async function checkSecret(systemDb: Db, secret: string, previous: readonly string[]): Promise<void> {
  const secrets = createSecrets(secret, previous)
  const sealed = await saveSecretValueIfAbsent(systemDb, secrets.seal('open', PURPOSE))
  if (!canOpen(secrets, sealed)) {
    throw new StartRefused(
      'The data in the database was sealed with another secret than the APP_SECRET of this server. Set the one that was used, or add it to APP_SECRET_PREVIOUS.',
    )
  }
  // From now on the data may be sealed with the new secret, so that one is asked for.
  if (!canOpen(createSecrets(secret), sealed)) await replaceSealedValue(systemDb, sealed, secrets.seal('open', PURPOSE))
}

function canOpen(secrets: Secrets, sealed: string): boolean {
  try {
    return secrets.open(sealed, PURPOSE) === 'open'
  } catch {
    return false
  }
}
