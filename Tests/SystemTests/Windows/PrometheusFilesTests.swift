import Foundation
import Testing
import TestSupport

private let folder = repository.appending(path: "deploy/prometheus").path

@Test("promtool finds no mistake in the files of deploy/prometheus")
func prometheusFiles() throws {
  let said = try ShellCommand(
    #"""
    cp "$0"/*.yml . && echo x >meterbridge-token
    promtool check config meterbridge.yml && promtool check rules meterbridge-rules.yml
    """#, folder)
  #expect(said.status == 0 && said.output.contains("SUCCESS: 4 rules found"), "\(said.output)")
}

/// Some hours of a bridge: it is gone for minutes 10 to 15, has no broker from 10 to 20, and `heat` is silent from 10 on.
/// `water` has 11 errors to 100 telegrams, and `grid` has 9.
private let hours = #"""
  rule_files: [rules.yml]
  evaluation_interval: 1m
  tests:
    - interval: 1m
      input_series:
        - {series: 'up{job="meterbridge",instance="pi:8080"}', values: '1x9 0x4 1x290'}
        - {series: 'meterbridge_broker_connected{instance="pi:8080"}', values: '1x9 0x9 1x290'}
        - {series: 'meterbridge_meter_up{instance="pi:8080",meter="grid"}', values: '1x300'}
        - {series: 'meterbridge_meter_up{instance="pi:8080",meter="heat"}', values: '1x9 0x290'}
        - {series: 'meterbridge_telegrams_total{instance="pi:8080",meter="grid"}', values: '0+100x300'}
        - {series: 'meterbridge_errors_total{instance="pi:8080",meter="grid",code="noise"}', values: '0+9x300'}
        - {series: 'meterbridge_telegrams_total{instance="pi:8080",meter="water"}', values: '0+100x300'}
        - {series: 'meterbridge_errors_total{instance="pi:8080",meter="water",code="noise"}', values: '0+5x300'}
        - {series: 'meterbridge_errors_total{instance="pi:8080",meter="water",code="truncated"}', values: '0+6x300'}
      alert_rule_test:
        - {eval_time: 11m, alertname: MeterBridgeDown}
        - eval_time: 13m
          alertname: MeterBridgeDown
          exp_alerts: [{exp_labels: {severity: critical, job: meterbridge, instance: "pi:8080"}}]
        - {eval_time: 25m, alertname: MeterBridgeDown}
        - {eval_time: 14m, alertname: MeterSilent}
        - eval_time: 25m
          alertname: MeterSilent
          exp_alerts: [{exp_labels: {severity: warning, instance: "pi:8080", meter: heat}}]
        - {eval_time: 12m, alertname: MeterBridgeWithoutBroker}
        - eval_time: 17m
          alertname: MeterBridgeWithoutBroker
          exp_alerts: [{exp_labels: {severity: warning, instance: "pi:8080"}}]
        - {eval_time: 25m, alertname: MeterBridgeWithoutBroker}
        - {eval_time: 30m, alertname: MeterDamaged}
        - eval_time: 150m
          alertname: MeterDamaged
          exp_alerts: [{exp_labels: {severity: warning, instance: "pi:8080", meter: water}}]
  """#

@Test("the alerts of deploy/prometheus fire when a meter is silent, damaged or without broker, and only then")
func alerts() throws {
  // The words of an alert are not compared; `promtool check rules` has tried them.
  let prepare = #"sed '/annotations:/d; /summary:/d; /description:/d' "$0"/meterbridge-rules.yml >rules.yml"#
  let said = try ShellCommand(
    "\(prepare); cat >test.yml <<'END'\n\(hours)\nEND\npromtool test rules test.yml", folder)
  #expect(said.status == 0 && said.output.contains("SUCCESS"), "\(said.output)")
}
