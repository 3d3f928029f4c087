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
 * Operators of libtorch that JavaCPP has no methods for, above all those on lists of tensors (fused optimizers, foreach):
 * called by the names of their schemas through libtorch's dispatcher, as TorchScript calls them. Stateless.
 */
public final class Operators {
    private Operators() {}

    /**
     * Calls an operator.
     *
     * @param name with its namespace, for instance {@code aten::_fused_adam_}
     * @param overload after the dot of the schema; empty for none
     * @param arguments all of the schema's, in its order, defaults included
     * @return the results, in the care of the innermost scope
     * @throws RuntimeException if there is no such operator, or it refuses the arguments
     */
    public static IValueVector call(String name, String overload, IValue... arguments) {
        IValueVector stack = new IValueVector(arguments);
        try (PointerScope scope = new PointerScope()) {
            Dispatcher.singleton().findSchemaOrThrow(name, overload).callBoxed(stack);
        }
        return stack;
    }

    /** An empty list of tensors, in the care of the innermost scope. */
    public static GenericList list() {
        return new GenericList(new TensorList().elementType());
    }

    /** A list of tensors, in the care of the innermost scope; it holds on to them. */
    public static GenericList list(Collection<Tensor> tensors) {
        GenericList list = list();
        tensors.forEach(tensor -> add(list, tensor));
        return list;
    }

    /** Adds a tensor to a list, which holds on to it. */
    public static void add(GenericList list, Tensor tensor) {
        try (IValue value = new IValue(tensor)) {
            list.push_back(value);
        }
    }
}
