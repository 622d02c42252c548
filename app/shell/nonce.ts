import { createContext, useContext } from 'react'

/** Of the page being rendered, for inline scripts. Browsers hide it from scripts, so it is empty there. */
export const NonceContext = createContext('')

export const useNonce = () => useContext(NonceContext)
