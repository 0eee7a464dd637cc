// What the widget remembers while its tab is open: the region, large type, and the secret that makes its
// conversations its own. At a hall's terminal the next person is another one: nothing outlives the tab.
const storage = "xiaoyue-chat";
let unkept = {}; // where a page forbids storage

export function memory() {
  try {
    return JSON.parse(sessionStorage.getItem(storage)) ?? unkept;
  } catch {
    return unkept;
  }
}

export function remember(change) {
  unkept = { ...memory(), ...change };
  try {
    sessionStorage.setItem(storage, JSON.stringify(unkept));
  } catch {
    // forgotten on reload
  }
}

// client returns the secret, 192 random bits.
export function client() {
  return memory().client ?? renew();
}

// renew makes another secret: conversations so far are nobody's any more.
export function renew() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  remember({ client: btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_") });
  return memory().client;
}
