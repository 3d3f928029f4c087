package dev.preceptor.network;

import dev.preceptor.base.PreceptorException;

/** The refusal to write an operation into a graph. */
final class NotExportable {
    private NotExportable() {}

    /**
     * @param operation which has no form in ONNX
     * @param method that it would have to implement
     */
    static PreceptorException of(Object operation, String method) {
        Class<?> type = operation.getClass();
        String name = type.isHidden()
                ? "a lambda of " + type.getName().substring(0, type.getName().indexOf("$$"))
                : type.getName();
        return new PreceptorException("its operation " + name
                + " cannot be written as nodes of ONNX; make it a class that implements " + method
                + ", or use the operations of dev.preceptor.network");
    }
}
