package dev.preceptor.tensor;

import java.util.Collection;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;

/**
 * Calls libtorch's operators by name through its dispatcher, as TorchScript does: for operators without a JavaCPP method,
 * mainly those on lists of tensors (fused optimizers, foreach). Stateless.
 */
public final class Operators {
    private Operators() {}

    /**
     * Calls an operator.
     *
     * @param name the name with its namespace, for instance {@code aten::_fused_adam_}
     * @param overload the part of the schema's name after the dot; empty if it has none
     * @param arguments all arguments of the schema in its order, defaults included
     * @return the results, owned by the innermost scope
     * @throws RuntimeException if there is no such operator, or it rejects the arguments
     */
    public static IValueVector call(String name, String overload, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        try (PointerScope scope = new PointerScope()) {
            Dispatcher.singleton().findSchemaOrThrow(name, overload).callBoxed(stack);
        }
        return stack;
    }

    /** An empty list of tensors, owned by the innermost scope. */
    public static GenericList list() {
        return new GenericList(new TensorList().elementType());
    }

    /** A list of references to tensors, owned by the innermost scope. */
    public static GenericList list(Collection<Tensor> tensors) {
        GenericList list = list();
        tensors.forEach(tensor -> add(list, tensor));
        return list;
    }

    /** Appends a reference to a tensor to a list. */
    public static void add(GenericList list, Tensor tensor) {
        try (IValue value = new IValue(tensor)) {
            list.push_back(value);
        }
    }
}
