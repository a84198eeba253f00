"""Makes the figures that lib/evaluation is held against, by NumPy, SciPy and scikit-learn.

    python test/reference/make_statistics.py [file]

`faces` in data/statistics.json are kept: what the bundled model answers to 400 of its validation faces, looked at once and averaged
with the mirror image, 20 chains of near copies first. All else is made from them anew, and written there or to `file`.
"""

import json
import os
import platform
import sys

import numpy as np
import scipy
import sklearn
from scipy.stats import bootstrap
from sklearn import metrics
from sklearn.calibration import calibration_curve

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "statistics.json")
RESAMPLES = 20_000
CLUSTERS, DRAWS = 40, 200


def age_metrics(annotated, answered):
    errors = answered - annotated
    return {
        "maeYears": metrics.mean_absolute_error(annotated, answered),
        "rmseYears": metrics.root_mean_squared_error(annotated, answered),
        "medianErrorYears": metrics.median_absolute_error(annotated, answered),
        "biasYears": errors.mean(),
        "within5Years": (np.abs(errors) <= 5).mean(),
        "cumulativeScore": [(np.abs(errors) <= years).mean() for years in range(21)],
    }


def expected_calibration_error(right, confidence, bins):
    """Guo et al. 2017, over bins between quantiles of confidence; written without calibration_curve."""
    edges = np.quantile(confidence, np.arange(1, bins) / bins)
    bin_of = np.array([(edges < one).sum() for one in confidence])
    return sum((bin_of == one).mean() * abs(right[bin_of == one].mean() - confidence[bin_of == one].mean()) for one in set(bin_of))


def gender_metrics(label, p):
    answered = (p > 0.5).astype(int)
    confidence = np.maximum(p, 1 - p)
    right = (answered == label).astype(int)
    false_positive, true_positive, _ = metrics.roc_curve(label, p, drop_intermediate=False)
    curves = {}
    for bins in (5, 10, 15):
        accuracy, mean_confidence = calibration_curve(right, confidence, n_bins=bins, strategy="quantile")
        error = expected_calibration_error(right, confidence, bins)
        curves[str(bins)] = {"accuracy": list(accuracy), "confidence": list(mean_confidence), "expectedCalibrationError": error}
    return {
        "accuracy": metrics.accuracy_score(label, answered),
        "balancedAccuracy": metrics.balanced_accuracy_score(label, answered),
        "confusionMatrix": metrics.confusion_matrix(label, answered).tolist(),
        "rocCurve": [list(point) for point in zip(false_positive, true_positive)],
        "areaUnderRoc": metrics.roc_auc_score(label, p),
        "calibration": curves,
    }


def estimate(values, ends):
    return {"value": values.mean(), "low": ends[0], "high": ends[1]}


def ungrouped(values):
    interval = bootstrap((values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(1)).confidence_interval
    return estimate(values, (interval.low, interval.high))


def clustered(values, clusters, draws):
    """Face by face: no sums."""
    means = [np.concatenate([values[clusters == cluster] for cluster in draw]).mean() for draw in draws]
    return estimate(values, np.percentile(means, [2.5, 97.5]))


def main():
    with open(HERE, encoding="utf-8") as file:
        faces = json.load(file)["faces"]
    age, label, cluster = (np.array(faces[name]) for name in ("ageYears", "gender", "cluster"))
    once, averaged = (
        {name: np.array(values, dtype=float) for name, values in faces[look].items()} for look in ("once", "averaged")
    )
    measures = {}
    for name, answers in (("once", once), ("averaged", averaged)):
        error = np.abs(answers["ageYears"] - age)
        right = ((answers["femaleProbability"] > 0.5) == label).astype(float)
        measures[name] = {"ageMaeYears": error, "genderAccuracy": right}
    measures["difference"] = {what: measures["averaged"][what] - measures["once"][what] for what in measures["once"]}
    some = cluster < CLUSTERS
    draws = np.random.default_rng(2).integers(0, CLUSTERS, size=(DRAWS, CLUSTERS))
    every = [(name, what, values) for name, both in measures.items() for what, values in both.items()]
    result = {
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
        },
        "faces": faces,
        "age": {name: age_metrics(age, answers["ageYears"]) for name, answers in (("once", once), ("averaged", averaged))},
        "gender": {
            name: gender_metrics(label, answers["femaleProbability"]) for name, answers in (("once", once), ("averaged", averaged))
        },
        "percentiles": [[percent, np.percentile(once["ageYears"], percent)] for percent in (0, 2.5, 33.3, 50, 97.5, 100)],
        "resamples": RESAMPLES,
        "ungrouped": {f"{name}.{what}": ungrouped(values) for name, what, values in every},
        "draws": draws.tolist(),
        "clustered": {f"{name}.{what}": clustered(values[some], cluster[some], draws) for name, what, values in every},
    }
    with open(sys.argv[1] if len(sys.argv) > 1 else HERE, "w", encoding="utf-8") as file:
        json.dump(result, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
