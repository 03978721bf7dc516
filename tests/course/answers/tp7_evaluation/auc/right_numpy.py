# NumPy's trapezoid rule (trapz before NumPy 2).
def auc(probabilities):
    trapezoid = getattr(np, "trapezoid", None) or np.trapz
    return trapezoid(probabilities, np.linspace(0, 1, len(probabilities)))
