extension PageText {
  /// Whole sentences, among them what to do about a trouble.
  static let sentences: [PageText] = [
    .init(
      "noscript", "This page needs JavaScript.", "Diese Seite braucht JavaScript.",
      "Deze pagina heeft JavaScript nodig.",
      "Cette page a besoin de JavaScript.", "このページにはJavaScriptが必要です。"),
    .init(
      "noLetters", "Everything that came in could be used.", "Alles Empfangene war verwertbar.",
      "Alles wat binnenkwam was bruikbaar.", "Tout ce qui est arrivé a pu être utilisé.", "受信したデータはすべて処理できました。"),
    .init(
      "topicsHint", "Each value has a topic of its own at the broker.", "Jeder Wert hat am Broker ein eigenes Topic.",
      "Elke waarde heeft een eigen topic bij de broker.", "Chaque valeur a son propre topic chez le broker.",
      "値ごとに専用のトピックがあります。"),
    .init(
      "notRead", "Not read yet", "Noch nicht gelesen", "Nog niet gelezen", "Pas encore lu", "まだ読み取っていません"),
    .init("never", "no telegram yet", "noch kein Telegramm", "nog geen telegram", "aucun télégramme", "電文なし"),
    .init(
      "lastSeen", "last telegram {ago}", "letztes Telegramm {ago}", "laatste telegram {ago}",
      "dernier télégramme {ago}", "最終受信 {ago}"),
    .init(
      "dayTitle", "{what} in the last 24 hours: lowest {low}, highest {high}",
      "{what} in den letzten 24 Stunden: niedrigster Wert {low}, höchster {high}",
      "{what} in de laatste 24 uur: laagste {low}, hoogste {high}",
      "{what} sur 24 heures : minimum {low}, maximum {high}", "{what}の24時間推移:最小 {low}、最大 {high}"),
    .init(
      "noTelegram", "There is no telegram to show.", "Es gibt kein Telegramm zu zeigen.", "Er is geen telegram.",
      "Il n’y a pas de télégramme.", "表示できる電文がありません。"),
    .init(
      "since", "running since {time}", "läuft seit {time}", "actief sinds {time}", "en marche depuis le {time}",
      "{time} から稼働"),
    .init(
      "broker", "Broker {name} connected", "Broker {name} verbunden", "Broker {name} verbonden",
      "Broker {name} connecté", "ブローカー {name} 接続済み"),
    .init(
      "noBroker", "Broker {name} not connected", "Broker {name} nicht verbunden", "Broker {name} niet verbonden",
      "Broker {name} non connecté", "ブローカー {name} 未接続"),
    .init(
      "noAnswer", "MeterBridge does not answer", "MeterBridge antwortet nicht", "MeterBridge antwoordt niet",
      "MeterBridge ne répond pas", "MeterBridgeが応答しません"),
    .init(
      "noBridge", "MeterBridge does not answer; last seen {ago}", "MeterBridge antwortet nicht, zuletzt {ago}",
      "MeterBridge antwoordt niet, laatst gezien {ago}", "MeterBridge ne répond pas, vu {ago}",
      "MeterBridgeが応答しません(最終 {ago})"),
    .init(
      "meterOffline", "{name} is offline", "{name} ist offline", "{name} is offline", "{name} est hors ligne",
      "{name} はオフラインです"),
    .init(
      "allWell", "All is well again.", "Alles wieder in Ordnung.", "Alles is weer in orde.",
      "Tout est rétabli.", "すべて正常に戻りました。"),
    .init(
      "heldAdvice", "If the meter is right, five telegrams settle it, or: {command}",
      "Stimmt der Zähler, klären es fünf Telegramme, oder: {command}",
      "Klopt de meter, dan lossen vijf telegrammen het op, of: {command}",
      "Si le compteur a raison, cinq télégrammes suffisent, ou : {command}",
      "メーターが正しければ5回の受信で確定します。すぐに確定するには: {command}"),
    .init(
      "advice.bridge", "Is it running? systemctl status meterbridge; the values below are old.",
      "Läuft es? systemctl status meterbridge; die Werte unten sind alt.",
      "Draait het? systemctl status meterbridge; de waarden hieronder zijn oud.",
      "Est-il lancé ? systemctl status meterbridge ; les valeurs ci-dessous sont anciennes.",
      "起動していますか? systemctl status meterbridge を確認してください。下の値は古いものです。"),
    .init(
      "advice.broker", "Is the broker running? Check mqtt.host, port, username and the log.",
      "Läuft der Broker? mqtt.host, port, username und das Log prüfen.",
      "Draait de broker? Controleer mqtt.host, port, username en het log.",
      "Le broker est-il lancé ? Vérifiez mqtt.host, port, username et le journal.",
      "ブローカーは動いていますか? mqtt.host、port、username とログを確認してください。"),
    .init(
      "advice.cable", "Nothing comes in: look at the cable, the adapter and the source in the configuration.",
      "Es kommt nichts an: Kabel, Adapter und source in der Konfiguration prüfen.",
      "Er komt niets binnen: controleer kabel, adapter en source in de configuratie.",
      "Rien n’arrive : vérifiez le câble, l’adaptateur et source dans la configuration.",
      "何も受信していません。ケーブル、アダプター、設定の source を確認してください。"),
    .init(
      "advice.checksum", "Bytes get lost or change: a shorter cable, another adapter, no second reader on the port.",
      "Bytes gehen verloren: kürzeres Kabel, anderer Adapter, kein zweites Programm am Port.",
      "Er gaan bytes verloren: kortere kabel, andere adapter, geen tweede programma op de poort.",
      "Des octets se perdent : câble plus court, autre adaptateur, un seul lecteur sur le port.",
      "データが欠けています。短いケーブルや別のアダプターを試し、他のプログラムを止めてください。"),
    .init(
      "advice.key", "Check the meter’s key in the configuration against the grid operator’s letter.",
      "Den Schlüssel in der Konfiguration mit dem Schreiben des Netzbetreibers vergleichen.",
      "Vergelijk de sleutel in de configuratie met de brief van de netbeheerder.",
      "Comparez la clé de la configuration avec le courrier du gestionnaire de réseau.",
      "設定の鍵を電力会社の通知と照合してください。"),
    .init(
      "advice.replay", "Telegrams come a second time. After an exchange of the meter: meterbridge accept.",
      "Telegramme kommen ein zweites Mal. Nach einem Zählertausch: meterbridge accept.",
      "Telegrammen komen een tweede keer. Na een meterwissel: meterbridge accept.",
      "Des télégrammes arrivent une seconde fois. Après un changement de compteur : meterbridge accept.",
      "同じ電文が繰り返されています。メーター交換後は meterbridge accept を実行してください。"),
    .init(
      "advice.silent", "No answer: check the address, the line settings and the power of the level converter.",
      "Keine Antwort: Adresse, Leitungseinstellung und Strom des Pegelwandlers prüfen.",
      "Geen antwoord: controleer adres, lijninstelling en voeding van de niveauomzetter.",
      "Pas de réponse : vérifiez l’adresse, les réglages de ligne et l’alimentation du convertisseur.",
      "応答がありません。アドレス、通信設定、レベル変換器の電源を確認してください。"),
    .init(
      "advice.number", "Another meter answers: check address and source.",
      "Ein anderer Zähler antwortet: address und source prüfen.",
      "Een andere meter antwoordt: controleer address en source.",
      "Un autre compteur répond : vérifiez address et source.", "別のメーターが応答しています。address と source を確認してください。"),
    .init(
      "advice.radio", "The radio link is weak or refused: check id, password and the place of the receiver.",
      "Funk zu schwach oder abgewiesen: Kennung, Passwort und Ort des Empfängers prüfen.",
      "Radio zwak of geweigerd: controleer id, wachtwoord en plaats van de ontvanger.",
      "Radio faible ou refusée : vérifiez identifiant, mot de passe et place du récepteur.",
      "無線が弱いか拒否されています。ID、パスワード、受信機の位置を確認してください。"),
    .init(
      "advice.status", "The meter itself reports this: ask whoever looks after it.",
      "Das meldet der Zähler selbst: den Betreiber fragen.", "Dit meldt de meter zelf: vraag de beheerder.",
      "C’est le compteur qui le signale : demandez à son exploitant.",
      "メーター自身の報告です。管理者に問い合わせてください。"),
    .init(
      "advice.other", "The dead letters below and the log say more.", "Das Unverwertbare unten und das Log sagen mehr.",
      "De onbruikbare telegrammen hieronder en het log zeggen meer.",
      "Les rebuts ci-dessous et le journal en disent plus.",
      "詳しくは下の一覧とログをご覧ください。"),
  ]
}
