extension MakerLayout {
  /// The layouts of all makers.
  static let all =
    DiehlPRIOS.layouts + TechemRadio.layouts + Apator162.layouts + ApatorPulses.layouts + ApatorEITN.layouts
    + ApatorNA1.layouts + QundisWalkBy.layouts + ZennerWater.layouts + Metrona240.layouts
}
