// English: every string of the page.
import type { Wording } from '../wording.ts';

export const wording: Wording = {
  tag: 'en',
  name: 'English',
  direction: 'ltr',
  screens: {
    closed: {
      headline: 'The line is not open yet',
      lead: 'It opens on this page by itself. There is no need to reload.',
    },
    lobby: {
      headline: 'You are in',
      lead: 'At the start, everyone who is here gets a place in a fair draw. Coming earlier gives no advantage. Just keep this page open.',
    },
    drawing: { headline: 'Drawing the places', lead: 'The start has come. Your place appears here in a moment.' },
    waiting: {
      headline: 'You are in line',
      lead: 'People are let in one after another. Keep this page open. Your place is kept, even if the connection drops.',
    },
    near: { headline: 'Almost your turn', lead: 'Please stay on this page. You will be let in shortly.' },
    called: { headline: 'It is your turn', lead: 'Enter while the clock below is running.' },
    entering: {
      headline: 'Letting you in',
      lead: 'Your turn is safe. When many enter at once, this takes a moment.',
    },
    missed: {
      headline: 'We called you',
      lead: 'There was no answer, so others went first. Your place is kept: tap below and you are called again before everyone behind you.',
    },
    admitted: { headline: 'Taking you to the shop', lead: 'You are in. The shop opens in a moment.' },
    paused: {
      headline: 'The line is paused',
      lead: 'Nobody is let in right now and nobody overtakes you. It goes on by itself.',
    },
    trouble: {
      headline: 'The shop needs a moment',
      lead: 'The shop is having trouble, so nobody is let in right now. Your place is kept and all clocks stand still.',
    },
    checking: {
      headline: 'Checking the line',
      lead: 'The line is out of sight for a moment. These are the last true numbers. Your place is kept.',
    },
    offline: {
      headline: 'No connection',
      lead: 'Your place is kept. This page goes on by itself as soon as the connection is back.',
    },
    left: { headline: 'You are no longer in line', lead: 'You can join again at any time and get a new place.' },
    ended: { headline: 'This has ended', lead: 'Nobody is let in any more. Thank you for waiting.' },
    superseded: {
      headline: 'Open in another tab',
      lead: 'Your place is the same in all tabs. The other tab is being kept up to date.',
    },
    invalid: {
      headline: 'This place cannot be used any more',
      lead: 'The ticket on this device is not valid. You can get a new place in line.',
    },
    'shop-trouble': {
      headline: 'The shop is not answering',
      lead: 'Your pass is kept and its clock stands still. We keep trying by ourselves; there is no need to reload.',
    },
    'not-found': { headline: 'There is nothing here', lead: 'Please check the address.' },
    'store-unavailable': {
      headline: 'One moment, please',
      lead: 'The line cannot take new places right now. We keep trying by ourselves. Places already given are kept.',
    },
    busy: {
      headline: 'Many people are arriving',
      lead: 'You will be in line in a moment. There is no need to reload.',
    },
  },
  buttons: {
    claim: 'Enter now',
    here: 'I am here',
    go: 'Go to the shop',
    rejoin: 'Get a new place',
    resume: 'Continue here',
    retry: 'Try again',
    moreTime: 'I need more time',
    leave: 'Leave the line',
    leaveConfirm: 'Give up my place',
    stay: 'Stay',
  },
  figure: {
    aheadBefore: '',
    aheadAfter: { one: 'person ahead of you', other: 'people ahead of you' },
    untilOpening: 'until the line opens',
    untilStart: 'until the start',
    leftToEnter: 'left to enter',
  },
  facts: {
    estimate: 'Estimated wait',
    pace: 'Being let in',
    here: 'Here now',
    number: 'Your number',
    startsAt: 'Start',
    opensAt: 'Opens',
    standsStill: 'stands still for now',
    estimateFollows: 'follows shortly',
    perMinute: { one: '{n} per minute', other: '{n} per minute' },
    people: { one: '{n} person', other: '{n} people' },
  },
  durations: {
    underMinute: 'less than a minute',
    minutes: { one: 'about {n} minute', other: 'about {n} minutes' },
    minutesRange: 'about {low} to {high} minutes',
    hours: { one: 'about {n} hour', other: 'about {n} hours' },
    hoursRange: 'about {low} to {high} hours',
    days: { one: '{n} day', other: '{n} days' },
    secondsAgo: { one: '{n} second ago', other: '{n} seconds ago' },
    minutesAgo: { one: '{n} minute ago', other: '{n} minutes ago' },
    hoursAgo: { one: '{n} hour ago', other: '{n} hours ago' },
  },
  notes: {
    count: 'Each device in line counts as one person.',
    next: 'You are next.',
    rose: 'Someone ahead of you has come back, so the number has risen. Your place is the same.',
    clockStands: 'Your time to enter stands still meanwhile.',
    claimingByItself: 'Please wait, you are being let in automatically.',
    ifMissed: 'If the time runs out, your place is kept and you can ask to be called again.',
    hurry: { one: '{n} second left', other: '{n} seconds left' },
    leaveQuestion: 'Give up your place in line?',
    message: 'Message from the organiser',
    refreshesItself: 'This page refreshes itself.',
    cookies:
      'Cookies are blocked in this browser. You can wait here, but the shop needs them at your turn: please allow cookies for this site, and do not reload this page.',
    language: 'Language',
    progress: 'Progress since you joined',
  },
  connection: {
    live: 'Live · updated {time}',
    connecting: 'Connecting …',
    lost: 'Reconnecting …',
    asOf: 'As of {time}, {ago}',
  },
  titles: { plain: 'Waiting room', ahead: '{n} ahead', called: 'It is your turn' },
};
