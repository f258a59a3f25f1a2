// What the pages of permission say in each language, for the walk that is made in both.
export const PERMISSION_WORDS = {
  en: {
    name: 'Your name', email: 'Email', password: 'Password', on: 'Go on', shopName: 'Name of the shop', where: 'Where shall we begin?',
    empty: /Once your customers are in, this page says/, import: 'Import', bring: 'Bring your shop in', more: 'More', home: 'Home', choose: 'Choose a file', right: /is this right/, start: 'Bring it in', done: /are in$/,
    ordersDone: /orders are in$/, step: 'Clear who may be written to', nobody: 'Nobody may be written to yet', shop: 'Your shop asked them', lists: 'Your mail programme has lists',
    no: 'no', seeNow: 'Who may be written to now?', some: (may, not) => `${may} may be written to, ${not} not`, question: 'Are these people who do not want to be written to?', never: 'Yes, never write to them',
    confirmOf: 'Read and confirm for United Kingdom', confirm: /^Confirm for/, sure: 'I have read this, and it is so', confirmFor: (n) => `Confirm for ${n} people`, by: /by Olive Owner/,
    declined: 'Not ticked in your shop', declinedPeople: 'Not ticked in your shop: 3 people', whyDeclined: 'not ticked in your shop.', whyGranted: 'they said yes.', note: 'note an answer',
    how: 'How do we know?', keep: 'Keep this answer', permission: 'May we write?', endOf: 'Take back for United Kingdom', end: 'Take it back', over: 'taken back',
  },
  de: {
    name: 'Ihr Name', email: 'E-Mail', password: 'Passwort', on: 'Weiter', shopName: 'Name des Ladens', where: 'Womit fangen wir an?',
    empty: /Sind Ihre Kunden da, sagt diese Seite/, import: 'Import', bring: 'Ihren Laden hereinholen', more: 'Mehr', home: 'Übersicht', choose: 'Datei wählen', right: /Stimmt das so/, start: 'Hereinholen', done: /sind da$/,
    ordersDone: /Bestellungen sind da$/, step: 'Klären, wem wir schreiben dürfen', nobody: 'Noch darf niemand Post bekommen', shop: 'Ihr Laden hat sie gefragt', lists: 'Ihr Mailprogramm hat Listen',
    no: 'nein', seeNow: 'Wem dürfen wir nun schreiben?', some: (may, not) => `${may} dürfen Post bekommen, ${not} nicht`, question: 'Sind das Menschen, die keine Post wollen?', never: 'Ja, ihnen nie schreiben',
    confirmOf: 'Lesen und bestätigen für Vereinigtes Königreich', confirm: /bestätigen$/, sure: 'Ich habe das gelesen, und es ist so', confirmFor: (n) => `Für ${n} Menschen bestätigen`, by: /von Olive Owner/,
    declined: 'Im Laden nicht angekreuzt', declinedPeople: 'Im Laden nicht angekreuzt: 3 Menschen', whyDeclined: 'im Laden nicht angekreuzt.', whyGranted: 'hat Ja gesagt.', note: 'Antwort festhalten',
    how: 'Woher wissen wir das?', keep: 'Antwort behalten', permission: 'Dürfen wir schreiben?', endOf: 'Zurücknehmen für Vereinigtes Königreich', end: 'Zurücknehmen', over: 'zurückgenommen',
  },
};
