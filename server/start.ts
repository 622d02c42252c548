import { findOwnInstance } from './agents/definitions/index.ts'
import { loadCustomPlugins, registerPlugin } from './api/gateway/index.ts'
import { builtinPlugins } from './api/gateway/plugins/index.ts'
import { registerSecondFactorCheck } from './identity/auth/index.ts'
import { checkSecondFactor } from './identity/second-factor/index.ts'
import { findAccountOfWallet, findSignInWallet } from './identity/identities/index.ts'
import { registerManagedInstance } from './identity/accounts/index.ts'
import { warnOfStrandedPasskeys } from './identity/passkeys/index.ts'
import { registerCheckoutKind } from './money/checkout/index.ts'
import { TOP_UP, topUpCheckouts } from './money/top-ups/index.ts'
import { registerSignInWallet } from './money/wallets/index.ts'
import { startMaintenance } from './maintenance.ts'
import type { Platform } from './platform/core/index.ts'

/**
 * Starts what a server does on a platform that is open: it ties together what may not know of each other, starts what
 * the server does by itself, and loads the plugins of the operator.
 */
export async function startServer(platform: Platform): Promise<void> {
  registerAll()
  await warnOfStrandedPasskeys(platform)
  await startMaintenance(platform)
  await loadCustomPlugins(platform)
}

/** What a lower area leaves open for a higher one to fill in; nothing is registered by being imported. */
function registerAll(): void {
  registerManagedInstance(findOwnInstance)
  registerSignInWallet({ find: findSignInWallet, findAccount: findAccountOfWallet })
  registerCheckoutKind(TOP_UP, topUpCheckouts)
  registerSecondFactorCheck(checkSecondFactor)
  for (const plugin of builtinPlugins) registerPlugin(plugin)
}
