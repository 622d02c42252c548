/** Other names of providers, which the REST contract has for some; they are taken wherever a provider or a model is named. */
const aliases: Record<string, string> = { gemini: 'google' }

/** What the provider with that name, or other name, is called here. */
export const providerNamed = (name: string): string => (Object.hasOwn(aliases, name) ? aliases[name]! : name)

/** What agents that are provisioned say their provider is called. */
export const documentedName = (provider: string): string => Object.keys(aliases).find((alias) => aliases[alias] === provider) ?? provider

/** The id of a model with its provider's own name in front: `google/gemini-2.5-flash` for `gemini/gemini-2.5-flash`. */
export function withProviderName(modelId: string): string {
  const slash = modelId.indexOf('/')
  return slash < 0 ? modelId : providerNamed(modelId.slice(0, slash)) + modelId.slice(slash)
}
