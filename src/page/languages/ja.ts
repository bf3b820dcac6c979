// Japanese: every string of the page.
import type { Wording } from '../wording.ts';

export const wording: Wording = {
  tag: 'ja',
  name: '日本語',
  direction: 'ltr',
  screens: {
    closed: {
      headline: '受付開始前です',
      lead: '時間になると、この画面が自動で切り替わります。再読み込みは必要ありません。',
    },
    lobby: {
      headline: '受付が完了しました',
      lead: '開始時刻に、お待ちの皆さまの順番を公平な抽選で決めます。先に来た方が有利になることはありません。このままお待ちください。',
    },
    drawing: { headline: '順番を決めています', lead: '開始時刻になりました。まもなく、あなたの順番が表示されます。' },
    waiting: {
      headline: '順番にご案内しています',
      lead: 'このページを開いたままお待ちください。通信が切れても、あなたの順番は保たれます。',
    },
    near: { headline: 'まもなくあなたの順番です', lead: 'この画面のままお待ちください。すぐにご案内します。' },
    called: { headline: 'あなたの順番です', lead: '残り時間のうちに、下のボタンからお入りください。' },
    entering: {
      headline: 'ご案内しています',
      lead: 'あなたの順番は確保されています。混み合っている場合は、少しお時間をいただきます。',
    },
    missed: {
      headline: '順番をお呼びしました',
      lead: 'お返事がなかったため、後の方を先にご案内しました。あなたの順番は保たれています。下のボタンを押すと、優先してもう一度お呼びします。',
    },
    admitted: { headline: 'ショップへ移動します', lead: 'ご入場いただけます。まもなくショップが開きます。' },
    paused: {
      headline: 'ご案内を一時停止しています',
      lead: 'ただいま、どなたもご案内していません。順番が追い越されることはありません。再開すると自動で進みます。',
    },
    trouble: {
      headline: 'ショップの回復を待っています',
      lead: 'ショップに問題が起きているため、ご案内を止めています。あなたの順番は保たれ、制限時間も止まっています。',
    },
    checking: {
      headline: '順番を確認しています',
      lead: '最新の状況を一時的に確認できません。表示しているのは最後に確認できた数字です。あなたの順番は保たれています。',
    },
    offline: {
      headline: '通信が切れています',
      lead: 'あなたの順番は保たれています。通信が戻ると、この画面は自動で更新されます。',
    },
    left: { headline: '列から離れました', lead: 'いつでも並び直せます。その場合は、新しい順番になります。' },
    ended: { headline: '受付は終了しました', lead: 'ご案内は終了しました。お待ちいただき、ありがとうございました。' },
    superseded: {
      headline: '別のタブで開いています',
      lead: 'どのタブでも、あなたの順番は同じです。最新の状況は、もう一方のタブに表示されています。',
    },
    invalid: {
      headline: 'この順番は使えなくなりました',
      lead: 'この端末の整理券は無効です。新しい順番をお取りいただけます。',
    },
    'shop-trouble': {
      headline: 'ショップが応答していません',
      lead: '入場の権利は保たれ、制限時間は止まっています。自動で接続し直しますので、再読み込みは必要ありません。',
    },
    'not-found': { headline: 'ページが見つかりません', lead: 'アドレスをご確認ください。' },
    'store-unavailable': {
      headline: '少々お待ちください',
      lead: 'ただいま新しい順番をお渡しできません。自動でもう一度お試しします。すでにお持ちの順番は保たれています。',
    },
    busy: {
      headline: 'アクセスが集中しています',
      lead: 'まもなく順番をお渡しします。再読み込みは必要ありません。',
    },
  },
  buttons: {
    claim: '入場する',
    here: 'ここにいます',
    go: 'ショップへ進む',
    rejoin: '新しい順番を取る',
    resume: 'この画面で続ける',
    retry: 'もう一度試す',
    moreTime: '時間を延長する',
    leave: '列から離れる',
    leaveConfirm: '順番を手放す',
    stay: '待ち続ける',
  },
  figure: {
    aheadBefore: 'あなたの前に',
    aheadAfter: { other: '人' },
    untilOpening: '受付開始まで',
    untilStart: '開始まで',
    leftToEnter: '入場できる残り時間',
  },
  facts: {
    estimate: '待ち時間の目安',
    pace: 'ご案内のペース',
    here: 'お待ちの方',
    number: '受付番号',
    startsAt: '開始',
    opensAt: '受付開始',
    standsStill: '止まっています',
    estimateFollows: 'まもなく表示します',
    perMinute: { other: '毎分 {n} 人' },
    people: { other: '{n} 人' },
  },
  durations: {
    underMinute: '1 分以内',
    minutes: { other: '約 {n} 分' },
    minutesRange: '約 {low}～{high} 分',
    hours: { other: '約 {n} 時間' },
    hoursRange: '約 {low}～{high} 時間',
    days: { other: '{n} 日' },
    secondsAgo: { other: '{n} 秒前' },
    minutesAgo: { other: '{n} 分前' },
    hoursAgo: { other: '{n} 時間前' },
  },
  notes: {
    count: '端末 1 台を 1 人と数えています。',
    next: '次はあなたの番です。',
    rose: '前の方が戻られたため、人数が増えました。あなたの順番は変わりません。',
    clockStands: 'その間、入場の残り時間も止まっています。',
    claimingByItself: '自動でご案内します。そのままお待ちください。',
    ifMissed: '時間が過ぎても順番は保たれ、もう一度お呼びすることができます。',
    hurry: { other: '残り {n} 秒です' },
    leaveQuestion: '順番を手放しますか？',
    message: '主催者からのお知らせ',
    refreshesItself: 'この画面は自動で更新されます。',
    cookies:
      'このブラウザーではCookieがブロックされています。このままお待ちいただけますが、入場にはCookieが必要です。再読み込みをせずに、このサイトのCookieを許可してください。',
    language: '言語',
    progress: '並び始めてからの進み具合',
  },
  connection: {
    live: '接続中・{time} 更新',
    connecting: '接続しています…',
    lost: '再接続しています…',
    asOf: '{time} 時点（{ago}）',
  },
  titles: { plain: '順番待ち', ahead: 'あと {n} 人', called: 'あなたの順番です' },
};
