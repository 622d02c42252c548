/** Words callers know a provider by that are not its name here. */
const aliases: Record<string, string> = {
  gemini: 'google',
  custom: 'compatible',
}

/** The name a provider goes by here, whichever of its names was used; a word that is none of them is returned as it is. */
export const canonicalProvider = (name: string): string => (Object.hasOwn(aliases, name) ? aliases[name]! : name)

/** All names of a provider, the one it goes by here first. */
export const namesOfProvider = (name: string): string[] => {
  const canonical = canonicalProvider(name)
  return [canonical, ...Object.keys(aliases).filter((alias) => aliases[alias] === canonical)]
}
