/** Words callers know a provider by that are not its name here; they are taken wherever a provider or a model is named. */
const aliases: Record<string, string> = {
  gemini: 'google',
  custom: 'compatible',
}

/** The name a provider goes by here, whichever of its names was used; a word that is none of them is returned as it is. */
export const canonicalProvider = (name: string): string => (Object.hasOwn(aliases, name) ? aliases[name]! : name)

/** All names of a provider, the one it goes by here first. */
export function namesOfProvider(name: string): string[] {
  const canonical = canonicalProvider(name)
  return [canonical, ...Object.keys(aliases).filter((alias) => aliases[alias] === canonical)]
}

/** What agents that are provisioned say their provider is called: the REST contract knows Google's by its models. */
export const documentedName = (provider: string): string => (provider === 'google' ? 'gemini' : provider)

/** The id of a model with its provider's own name in front: `google/gemini-2.5-flash` for `gemini/gemini-2.5-flash`. */
export function withProviderName(modelId: string): string {
  const slash = modelId.indexOf('/')
  return slash < 0 ? modelId : canonicalProvider(modelId.slice(0, slash)) + modelId.slice(slash)
}
