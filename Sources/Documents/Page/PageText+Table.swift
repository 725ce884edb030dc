extension PageText {
  /// Titles and single words: English, German, Dutch, French, Japanese.
  static let words: [PageText] = [
    .init("skip", "Skip to the meters", "Zu den Zählern", "Naar de meters", "Aller aux compteurs", "メーターへ移動"),
    .init("connecting", "Connecting …", "Verbinde …", "Verbinden …", "Connexion …", "接続中…"),
    .init("wrong", "Needs attention", "Zu beachten", "Aandacht nodig", "À vérifier", "要確認"),
    .init("meters", "Meters", "Zähler", "Meters", "Compteurs", "メーター"),
    .init("letters", "Dead letters", "Unverwertbares", "Onbruikbare telegrammen", "Rebuts", "処理できなかったデータ"),
    .init(
      "topics", "Topics and configuration", "Topics und Konfiguration", "Topics en configuratie",
      "Topics et configuration", "トピックと設定例"),
    .init(
      "ready", "Ready-made configuration", "Fertige Konfiguration", "Kant-en-klare configuratie",
      "Configuration prête à l’emploi", "そのまま使える設定"),
    .init("choose", "Choose a program", "Programm wählen", "Kies een programma", "Choisir un programme", "プログラムを選択"),
    .init("tariff", "tariff {n}", "Tarif {n}", "tarief {n}", "tarif {n}", "料金帯{n}"),
    .init(
      "storage", "stored value {n}", "gespeicherter Wert {n}", "opgeslagen waarde {n}", "valeur mémorisée {n}", "記録値{n}"
    ),
    .init("subunit", "sub-unit {n}", "Untereinheit {n}", "subeenheid {n}", "sous-unité {n}", "サブユニット{n}"),
    .init("maximum", "maximum", "Maximum", "maximum", "maximum", "最大"),
    .init("minimum", "minimum", "Minimum", "minimum", "minimum", "最小"),
    .init("duringError", "during an error", "bei Fehler", "tijdens een fout", "pendant une erreur", "エラー時"),
    .init("totals", "Values", "Werte", "Waarden", "Valeurs", "値"),
    .init("phases", "Phases", "Phasen", "Fasen", "Phases", "相"),
    .init("more", "More values", "Weitere Werte", "Meer waarden", "Autres valeurs", "その他の値"),
    .init(
      "telegrams", "Telegrams and errors", "Telegramme und Fehler", "Telegrammen en fouten",
      "Télégrammes et erreurs", "受信数とエラー"),
    .init("lastTelegram", "Last telegram", "Letztes Telegramm", "Laatste telegram", "Dernier télégramme", "最後の電文"),
    .init("serial", "Serial number", "Zählernummer", "Meternummer", "Numéro de série", "製造番号"),
    .init("count", "Telegrams", "Telegramme", "Telegrammen", "Télégrammes", "電文数"),
    .init("errors", "Errors", "Fehler", "Fouten", "Erreurs", "エラー"),
    .init("none", "none", "keine", "geen", "aucune", "なし"),
    .init("records", "Records", "Datensätze", "Records", "Enregistrements", "データ項目"),
    .init("bytes", "Bytes", "Bytes", "Bytes", "Octets", "バイト列"),
    .init("asText", "Show text", "Als Text", "Als tekst", "En texte", "テキスト表示"),
    .init("asHex", "Show hex", "Als Hex", "Als hex", "En hexadécimal", "16進表示"),
    .init("copy", "Copy", "Kopieren", "Kopiëren", "Copier", "コピー"),
    .init("copied", "Copied", "Kopiert", "Gekopieerd", "Copié", "コピーしました"),
    .init("loading", "Loading …", "Lädt …", "Laden …", "Chargement …", "読み込み中…"),
    .init("online", "online", "online", "online", "en ligne", "オンライン"),
    .init("offline", "offline", "offline", "offline", "hors ligne", "オフライン"),
    .init("unknown", "unknown", "unbekannt", "onbekend", "inconnu", "不明"),
    .init("now", "now", "jetzt", "nu", "maintenant", "現在"),
    .init("dayAgo", "24 h ago", "vor 24 h", "24 u geleden", "il y a 24 h", "24時間前"),
    .init(
      "drawing", "drawing from the grid", "Bezug aus dem Netz", "afname van het net",
      "soutirage du réseau", "系統から買電中"),
    .init(
      "feeding", "feeding into the grid", "Einspeisung ins Netz", "teruglevering aan het net",
      "injection dans le réseau", "系統へ売電中"),
    .init(
      "idle", "neither drawing nor feeding", "weder Bezug noch Einspeisung", "geen afname, geen teruglevering",
      "ni soutirage ni injection", "買電も売電もなし"),
    .init("held", "held back", "zurückgehalten", "tegengehouden", "retenue", "保留中"),
  ]

  static let media: [PageText] = [
    .init("medium.electricity", "electricity", "Strom", "elektriciteit", "électricité", "電気"),
    .init("medium.gas", "gas", "Gas", "gas", "gaz", "ガス"),
    .init("medium.heat", "heat", "Wärme", "warmte", "chaleur", "熱"),
    .init("medium.cooling", "cooling", "Kälte", "koeling", "froid", "冷熱"),
    .init("medium.water", "water", "Wasser", "water", "eau", "水道"),
    .init("medium.waste_water", "waste water", "Abwasser", "afvalwater", "eaux usées", "下水"),
    .init(
      "medium.heat_cost_allocator", "heat cost allocator", "Heizkostenverteiler", "warmtekostenverdeler",
      "répartiteur de chauffage", "暖房費分配計"),
    .init("medium.other", "other", "sonstiges", "overig", "autre", "その他"),
  ]
}
