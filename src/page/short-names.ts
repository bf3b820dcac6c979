// Names of properties that the page's script and its words may have shorter, because they are known to nobody else: no
// STATUS, no answer of the gateway, no browser, and nothing that is looked up by a text. It saves a page 600 bytes.

const inScript =
  'aheadAtFirst announced announcement atSeconds bearerOnly canAlert canCheckDraw canExtend canLeave claiming ' +
  'clockOffsetMs closing connectionText cookiesAsked cookiesBlocked countTry countdown dateAndTime ' +
  'deadlineAtMs demand extensionsSpent firstMs formats hertz hourAndMinute hurried hurrySeconds isOn isUrgent leaving ' +
  'lostAtMs mayDo mostMs nowMs onBarred onClaiming onEnd onInvalid onJoined onLost onNotice onOpened onStatus ' +
  'onUnanswered rememberAhead rememberCommitment retryAfterMs ring roseAtMs spoken startMoved tenth timeOfDay turnOff ' +
  'turnOn waitMs';

const inWording =
  'aheadAfter aheadBefore claimingByItself clockStands closeAnyTime closeInLobby closeUntil connecting ' +
  'cookies count days durations estimate failed hours hoursAgo hoursRange hurry ifMissed ' +
  'keepOpen leftToEnter minutes minutesAgo minutesRange minutesUpTo moved noMoreTime notes perMinute people ' +
  'secondsAgo soldOut standsStill titles underMinute untilOpening untilStart working';

export const shortenedNames: readonly string[] = `${inScript} ${inWording}`.split(' ');

/** As esbuild takes them. */
export const shortenedPattern = new RegExp(`^(?:${shortenedNames.join('|')})$`);

/** From the name in the source to the one in the page. */
export type ShortNames = Readonly<Record<string, string | false>>;
