"""The support model: logistic regression and boosted trees, their logits averaged, as one graph."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TREES, DEPTH, RATE, SHARE, LEAF = 150, 3, 0.05, 0.7, 8
"""Chosen by cross-validation on WiCE (dev)."""

STRENGTH = 0.05
"""Inverse of the pull of the weights towards zero."""

OPSET, TREE_OPSET, IR_VERSION = 17, 3, 8


@dataclass(frozen=True)
class SupportModel:
    """Fitted weights; ``logits`` and the graph that ``save`` writes say the same."""

    mean: Array
    spread: Array
    weights: Array
    bias: float
    trees: Any

    def logits(self, features: Array) -> Array:
        """Return float (n,): the log odds that each claim is supported."""
        linear = (features - self.mean) / self.spread @ self.weights + self.bias
        boosted: Array = self.trees.decision_function(features)
        result: Array = (linear + boosted) / 2
        return result

    def probabilities(self, features: Array) -> Array:
        """Return float (n,): the probability that each claim is supported."""
        return 1 / (1 + np.exp(-self.logits(features)))


def fit_model(features: Array, supported: Array, weights: Array, *, seed: int) -> SupportModel:
    """Fit both parts to claims that are supported or not, both classes counting the same."""
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    right = supported > 0.5
    share = float((weights * right).sum() / weights.sum())
    weights = weights * np.where(right, 0.5 / share, 0.5 / (1 - share))
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    linear = LogisticRegression(C=STRENGTH, max_iter=2000)
    linear.fit((features - mean) / spread, right, sample_weight=weights)
    trees = GradientBoostingClassifier(
        n_estimators=TREES,
        max_depth=DEPTH,
        learning_rate=RATE,
        subsample=SHARE,
        min_samples_leaf=LEAF,
        random_state=seed,
    )
    trees.fit(features, right, sample_weight=weights)
    return SupportModel(mean, spread, linear.coef_[0], float(linear.intercept_[0]), trees)


def save_model(model: SupportModel, path: Path) -> None:
    """Write the graph: ``features`` float32 (n, features) in, ``probability`` (n, 1) out."""
    from onnx import TensorProto, checker, helper, numpy_helper, save

    slope = (model.weights / model.spread).astype(np.float32)[:, None]
    offset = np.float32(model.bias - float(model.mean / model.spread @ model.weights))
    nodes = [
        helper.make_node("MatMul", ["features", "slope"], ["weighed"]),
        helper.make_node("Add", ["weighed", "offset"], ["linear"]),
        _tree_node(model.trees),
        helper.make_node("Add", ["linear", "boosted"], ["both"]),
        helper.make_node("Mul", ["both", "half"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    graph = helper.make_graph(
        nodes,
        "support",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(slope)])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n", 1])],
        [
            numpy_helper.from_array(slope, "slope"),
            numpy_helper.from_array(np.array([offset], np.float32), "offset"),
            numpy_helper.from_array(np.array([0.5], np.float32), "half"),
        ],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREE_OPSET)]
    proto = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    checker.check_model(proto)
    save(proto, str(path))


def _tree_node(trees: Any) -> Any:  # noqa: ANN401 (of untyped packages)
    """Return the boosted trees as a node; the initial log odds are its base value."""
    from onnx import helper

    names = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    nodes: dict[str, list[Any]] = {name: [] for name in names}
    leaves: list[tuple[int, int, float]] = []
    for number, (regressor,) in enumerate(trees.estimators_):
        tree = regressor.tree_
        for node in range(tree.node_count):
            is_leaf = tree.children_left[node] < 0
            nodes["treeids"].append(number)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if is_leaf else int(tree.feature[node]))
            nodes["values"].append(0.0 if is_leaf else _rounded_down(tree.threshold[node]))
            nodes["modes"].append("LEAF" if is_leaf else "BRANCH_LEQ")
            nodes["truenodeids"].append(0 if is_leaf else int(tree.children_left[node]))
            nodes["falsenodeids"].append(0 if is_leaf else int(tree.children_right[node]))
            if is_leaf:
                value = float(tree.value[node, 0, 0]) * trees.learning_rate
                leaves.append((number, node, value))
    attributes: dict[str, Any] = {f"nodes_{name}": values for name, values in nodes.items()}
    prior = float(trees.init_.class_prior_[1])
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["boosted"],
        domain="ai.onnx.ml",
        n_targets=1,
        base_values=[float(np.log(prior / (1 - prior)))],
        target_treeids=[tree for tree, _, _ in leaves],
        target_nodeids=[node for _, node, _ in leaves],
        target_ids=[0] * len(leaves),
        target_weights=[value for _, _, value in leaves],
        **attributes,
    )


def _rounded_down(threshold: float) -> float:
    """Return the largest float32 that is no greater: x <= threshold stays the same for float32."""
    single = np.float32(threshold)
    if float(single) > threshold:
        single = np.nextafter(single, np.float32(-np.inf))
    return float(single)
