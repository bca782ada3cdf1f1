internal import Charts
internal import Evaluation
internal import Events
internal import Models
internal import Training

/// Pictures of what a model forecasts, and of how it was trained.
struct ForecastPictures {
    let forecasts: ActivityForecasts
    let table: EventTable

    /// - Parameter user: nil for the one with the most hours acted in.
    func scatter(of user: String?) throws(ReportError) -> ScatterPlot {
        let index: Int32
        if let user {
            guard let known = table.users.index(of: user) else {
                throw ReportError(
                    code: .unknownUser,
                    place: Picture.scatter.rawValue,
                    problem: "no user '\(user)' in the events",
                    remedy: "name a user of the file with --user"
                )
            }
            index = known
        } else {
            index = mostActive
        }
        let points = forecasts.task.instances.filter { $0.user == index }.flatMap(points)
        guard !points.isEmpty else {
            throw ReportError(
                code: .nothingToShow,
                place: Picture.scatter.rawValue,
                problem: "user '\(table.users.ids[Int(index)])' has no event before the weeks "
                    + "that were forecast",
                remedy: "name another user with --user"
            )
        }
        return ScatterPlot(points, subject: "user \(table.users.ids[Int(index)])")
    }

    private var mostActive: Int32 {
        var hours: [Int32: Int] = [:]
        for instance in forecasts.task.instances {
            hours[instance.user, default: 0] += instance.acted.count { $0 }
        }
        return hours.keys.min { (hours[$1] ?? 0, $0) < (hours[$0] ?? 0, $1) } ?? 0
    }

    private func points(_ instance: ActivityTask.Instance) -> [ScatterPlot.Point] {
        let offset = instance.history.last.map { Int($0.utcOffsetMinutes) } ?? 0
        let seconds = instance.weekStart.millisecondsSinceEpoch / 1_000 + Int64(offset) * 60
        let startHour = Double(seconds / 3_600)
        let first = TimeSlot(instance.weekStart, utcOffsetMinutes: offset).hourOfWeek
        return forecasts.model.weekProbabilities(of: instance.history).enumerated().map {
            hour,
            probability in
            let later = (hour - first + TimeSlot.count) % TimeSlot.count
            return ScatterPlot.Point(
                day: (startHour + Double(later)) / 24,
                probability: Double(probability),
                happened: instance.acted[hour]
            )
        }
    }

    var reliability: LineChart {
        LineChart(
            series: forecasts.models.prefix(2).map { name, scores in
                LineChart.Series(
                    name: name,
                    points: scores.bins.map { (x: $0.forecast * 100, y: $0.observed * 100) }
                )
            },
            xTitle: "forecast, %",
            yTitle: "happened, %",
            summary:
                "Hours in \(ForecastScores.binCount) groups of equal size by their forecast: mean "
                + "forecast (across) and the share in which the user acted (up). On the dashed "
                + "line forecasts are honest.",
            showsDiagonal: true
        )
    }

    /// nil where training said nothing.
    var curves: LineChart? {
        let passes = forecasts.passes
        let training = passes.compactMap { pass in
            pass.trainingLoss.first.map { (x: Double(pass.pass), y: $0) }
        }
        let validation = passes.compactMap { pass in
            pass.validationLoss.first.map { (x: Double(pass.pass), y: $0) }
        }
        let series = [("training", training), ("validation", validation)]
            .map { (name: $0.0, points: $0.1.filter { $0.y.isFinite }) }
            .filter { !$0.points.isEmpty }
            .map { LineChart.Series(name: $0.name, points: $0.points) }
        guard !series.isEmpty else { return nil }
        return LineChart(
            series: series,
            xTitle: "pass over the training events",
            yTitle: "mean loss",
            summary: "The gcn model's loss after each pass, on what it learns from and on the "
                + "validation slice that ends training; lower is better."
        )
    }

    var metrics: BarChart {
        func group(_ title: String, _ value: (ForecastScores) -> Double) -> BarChart.Group {
            BarChart.Group(
                title: title,
                bars: forecasts.models.enumerated().map { index, model in
                    BarChart.Bar(
                        name: model.name,
                        value: max(0, value(model.scores)),
                        isOurs: index == 0
                    )
                }
            )
        }
        let first = forecasts.models[0].scores
        return BarChart(
            groups: [
                group("AUC, higher is better") { $0.auc },
                group("Brier skill, higher is better") { $0.brierSkill },
                group("log loss in bits, lower is better") { $0.logLoss },
                group("calibration error, lower is better") { $0.calibrationError },
            ],
            summary: "Will this user act in this hour? \(NumberText.grouped(first.count)) hours of "
                + "\(NumberText.grouped(forecasts.userCount)) users in "
                + "\(forecasts.weekCount) weeks that no model learned from; in "
                + "\(DecimalText.percent(first.baseRate)) of them the user acted."
        )
    }
}
