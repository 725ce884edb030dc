internal import Decoders

extension FieldName {
  /// The name of the field on the status page; nil for a record without a name.
  var pageText: PageText? {
    translations.map { words in
      PageText("field.\(entry.name)", "\(entry.label)", words.german, words.dutch, words.french, words.japanese)
    }
  }

  private typealias Words = (german: String, dutch: String, french: String, japanese: String)

  private var translations: Words? {
    switch self {
    case .energyImport: ("Bezug", "Afname", "Énergie soutirée", "買電電力量")
    case .energyExport: ("Einspeisung", "Teruglevering", "Énergie injectée", "売電電力量")
    case .energyAbsolute: ("Energie, Beträge", "Energie absoluut", "Énergie absolue", "電力量(絶対値)")
    case .energyNet: ("Energie, Saldo", "Energie netto", "Énergie nette", "電力量(差引)")
    case .energyImportScheduled: ("Bezug zum Stichzeitpunkt", "Afname op tijdstip", "Soutirage à heure fixe", "定時買電電力量")
    case .energyExportScheduled:
      ("Einspeisung zum Stichzeitpunkt", "Teruglevering op tijdstip", "Injection à heure fixe", "定時売電電力量")
    case .reactiveEnergyImport: ("Blindenergie Bezug", "Blindenergie afname", "Énergie réactive soutirée", "無効電力量(受電)")
    case .reactiveEnergyExport:
      ("Blindenergie Lieferung", "Blindenergie levering", "Énergie réactive injectée", "無効電力量(送電)")
    case .reactiveEnergyQ1:
      ("Blindenergie Quadrant 1", "Blindenergie kwadrant 1", "Énergie réactive quadrant 1", "無効電力量 第1象限")
    case .reactiveEnergyQ2:
      ("Blindenergie Quadrant 2", "Blindenergie kwadrant 2", "Énergie réactive quadrant 2", "無効電力量 第2象限")
    case .reactiveEnergyQ3:
      ("Blindenergie Quadrant 3", "Blindenergie kwadrant 3", "Énergie réactive quadrant 3", "無効電力量 第3象限")
    case .reactiveEnergyQ4:
      ("Blindenergie Quadrant 4", "Blindenergie kwadrant 4", "Énergie réactive quadrant 4", "無効電力量 第4象限")
    case .reactiveEnergy: ("Blindenergie", "Blindenergie", "Énergie réactive", "無効電力量")
    case .apparentEnergyImport:
      ("Scheinenergie Bezug", "Schijnenergie afname", "Énergie apparente soutirée", "皮相電力量(受電)")
    case .apparentEnergyExport:
      ("Scheinenergie Lieferung", "Schijnenergie levering", "Énergie apparente injectée", "皮相電力量(送電)")
    case .apparentEnergy: ("Scheinenergie", "Schijnenergie", "Énergie apparente", "皮相電力量")
    case .power: ("Leistung", "Vermogen", "Puissance", "電力")
    case .powerImport: ("Leistung Bezug", "Vermogen afname", "Puissance soutirée", "買電電力")
    case .powerExport: ("Leistung Einspeisung", "Vermogen teruglevering", "Puissance injectée", "売電電力")
    case .reactivePowerImport:
      ("Blindleistung Bezug", "Blindvermogen afname", "Puissance réactive soutirée", "無効電力(受電)")
    case .reactivePowerExport:
      ("Blindleistung Lieferung", "Blindvermogen levering", "Puissance réactive injectée", "無効電力(送電)")
    case .reactivePowerQ1:
      ("Blindleistung Quadrant 1", "Blindvermogen kwadrant 1", "Puissance réactive quadrant 1", "無効電力 第1象限")
    case .reactivePowerQ2:
      ("Blindleistung Quadrant 2", "Blindvermogen kwadrant 2", "Puissance réactive quadrant 2", "無効電力 第2象限")
    case .reactivePowerQ3:
      ("Blindleistung Quadrant 3", "Blindvermogen kwadrant 3", "Puissance réactive quadrant 3", "無効電力 第3象限")
    case .reactivePowerQ4:
      ("Blindleistung Quadrant 4", "Blindvermogen kwadrant 4", "Puissance réactive quadrant 4", "無効電力 第4象限")
    case .reactivePower: ("Blindleistung", "Blindvermogen", "Puissance réactive", "無効電力")
    case .apparentPower: ("Scheinleistung", "Schijnbaar vermogen", "Puissance apparente", "皮相電力")
    case .apparentPowerImport:
      ("Scheinleistung Bezug", "Schijnbaar vermogen afname", "Puissance apparente soutirée", "皮相電力(受電)")
    case .apparentPowerExport:
      ("Scheinleistung Lieferung", "Schijnbaar vermogen levering", "Puissance apparente injectée", "皮相電力(送電)")
    case .voltage: ("Spannung", "Spanning", "Tension", "電圧")
    case .current: ("Strom", "Stroom", "Courant", "電流")
    case .powerFactor: ("Leistungsfaktor", "Arbeidsfactor", "Facteur de puissance", "力率")
    case .frequency: ("Frequenz", "Frequentie", "Fréquence", "周波数")
    case .phaseAngle: ("Phasenwinkel", "Fasehoek", "Angle de phase", "位相角")
    case .demandImportAverage: ("Mittlere Bezugsleistung", "Gemiddelde afname", "Puissance moyenne soutirée", "平均需要電力")
    case .demandImportMaximum: ("Höchste Bezugsleistung", "Hoogste afname", "Puissance maximale soutirée", "最大需要電力")
    case .tariff: ("Tarif", "Tarief", "Tarif", "料金帯")
    case .powerFailures: ("Stromausfälle", "Stroomstoringen", "Coupures", "停電回数")
    case .powerFailuresLong: ("Lange Stromausfälle", "Lange stroomstoringen", "Coupures longues", "長時間停電回数")
    case .voltageSags: ("Spannungseinbrüche", "Spanningsdips", "Creux de tension", "電圧低下回数")
    case .voltageSwells: ("Spannungsüberhöhungen", "Spanningspieken", "Surtensions", "電圧上昇回数")
    case .breaker: ("Schalter", "Schakelaar", "Disjoncteur", "開閉器")
    case .powerLimit: ("Leistungsgrenze", "Vermogensgrens", "Limite de puissance", "電力上限")
    case .currentLimit: ("Stromgrenze", "Stroomgrens", "Limite de courant", "電流上限")
    case .message: ("Nachricht", "Bericht", "Message", "メッセージ")
    case .energy: ("Energie", "Energie", "Énergie", "熱量")
    case .coolingEnergy: ("Kälteenergie", "Koude-energie", "Énergie froid", "冷熱量")
    case .volume: ("Volumen", "Volume", "Volume", "体積")
    case .mass: ("Masse", "Massa", "Masse", "質量")
    case .volumeFlow: ("Durchfluss", "Debiet", "Débit", "流量")
    case .massFlow: ("Massenstrom", "Massastroom", "Débit massique", "質量流量")
    case .flowTemperature: ("Vorlauf", "Aanvoertemperatuur", "Température aller", "往き温度")
    case .returnTemperature: ("Rücklauf", "Retourtemperatuur", "Température retour", "還り温度")
    case .temperatureDifference: ("Temperaturdifferenz", "Temperatuurverschil", "Écart de température", "温度差")
    case .externalTemperature: ("Außentemperatur", "Buitentemperatuur", "Température extérieure", "外気温")
    case .operatingTime: ("Betriebszeit", "Bedrijfstijd", "Temps de fonctionnement", "運転時間")
    case .onTime: ("Einschaltzeit", "Inschakeltijd", "Temps sous tension", "通電時間")
    case .errorTime: ("Fehlerzeit", "Fouttijd", "Temps en erreur", "エラー時間")
    case .volumeFlowTemperature: ("Volumen × Vorlauf", "Volume × aanvoer", "Volume × aller", "体積×往き温度")
    case .volumeReturnTemperature: ("Volumen × Rücklauf", "Volume × retour", "Volume × retour", "体積×還り温度")
    case .pressure: ("Druck", "Druk", "Pression", "圧力")
    case .humidity: ("Feuchte", "Vochtigheid", "Humidité", "湿度")
    case .heatCostUnits: ("Heizkosteneinheiten", "Warmtekosteneenheden", "Unités de répartition", "暖房費単位")
    case .valve: ("Ventil", "Klep", "Vanne", "弁")
    case .status: ("Status", "Status", "État", "状態")
    case .errorFlags: ("Fehlerbits", "Foutvlaggen", "Indicateurs d’erreur", "エラーフラグ")
    case .infoCode: ("Infocode", "Infocode", "Code d’information", "情報コード")
    case .batteryRemaining: ("Batterie reicht noch", "Batterij resterend", "Pile restante", "電池残り")
    case .signalStrength: ("Signalstärke", "Signaalsterkte", "Force du signal", "信号強度")
    case .rateLimited: ("Funkzeit begrenzt", "Zendtijd beperkt", "Temps d’émission limité", "送信時間制限")
    case .lastTelegram: ("Letztes Telegramm", "Laatste telegram", "Dernier télégramme", "最後の電文")
    case .meterTime: ("Zeit des Zählers", "Metertijd", "Heure du compteur", "メーター時刻")
    case .code: nil
    }
  }
}
